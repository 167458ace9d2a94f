// API: the operations that the service describes, a request with the demo key, and the way to its trace.
import { useEffect, useState } from 'preact/hooks';
import type { Sent } from '../../view';
import { act, useRead } from '../asking';
import { ms } from '../format';
import type { ViewProps } from '../main';
import { Action, Card } from '../parts';
import { linkTo } from '../place';

interface Operation {
  method: string;
  path: string;
  summary: string;
  body?: string;
  type?: string;
}

interface OpenApi {
  info?: { title?: string };
  paths: Record<string, Record<string, Described>>;
  components?: { schemas?: Record<string, Schema> };
}

interface Described {
  summary?: string;
  requestBody?: { content?: Record<string, { schema?: Schema; example?: unknown }> };
}

interface Schema {
  $ref?: string;
  type?: string;
  properties?: Record<string, Schema>;
  example?: unknown;
  enum?: unknown[];
  const?: unknown;
  required?: string[];
  format?: string;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const NESTED = 6;

export function ApiView({ about, place }: ViewProps) {
  const { data: api } = useRead<OpenApi>('/api/openapi', 0);
  const operations = api === undefined ? [] : operationsOf(api);
  const [method, setMethod] = useState('GET');
  const [path, setPath] = useState(about.sample.path);
  const [key, setKey] = useState(about.key);
  const [body, setBody] = useState('');
  const [type, setType] = useState('application/json');
  const [sent, setSent] = useState<Sent>();
  useEffect(() => {
    const chosen = sessionStorage.getItem('gatehouse-key');
    if (chosen !== null) setKey(chosen);
    sessionStorage.removeItem('gatehouse-key');
  }, []);
  const choose = (operation: Operation) => {
    setMethod(operation.method);
    setPath(operation.path);
    setBody(operation.body ?? '');
    setType(operation.type ?? 'application/json');
  };
  const hasBody = method !== 'GET' && method !== 'DELETE';
  const run = async () => {
    const headers = {
      ...(key === '' ? {} : { [about.keyHeader]: key }),
      ...(hasBody ? { 'content-type': type } : {}),
    };
    setSent(await act<Sent>('/api/send', { method, path, headers, ...(hasBody ? { body } : {}) }));
  };
  return (
    <div class="pair api">
      <Card title="Operations" note={api?.info?.title ?? 'as the service describes itself'}>
        {api !== undefined && operations.length === 0 && (
          <p class="empty">The service has no /openapi.json: write method and path by hand.</p>
        )}
        <ul class="operations">
          {operations.map((operation) => (
            <li key={`${operation.method}${operation.path}`}>
              <button type="button" onClick={() => choose(operation)}>
                <b>{operation.method}</b> <code>{operation.path}</code>
              </button>{' '}
              <span>{operation.summary}</span>
            </li>
          ))}
        </ul>
      </Card>
      <Card title="Request" note={about.edge}>
        <div class="form request">
          <label>
            Method
            <select value={method} onChange={(event) => setMethod(event.currentTarget.value)}>
              {METHODS.map((each) => (
                <option key={each}>{each.toUpperCase()}</option>
              ))}
            </select>
          </label>
          <label class="wide">
            Path
            <input value={path} onInput={(event) => setPath(event.currentTarget.value)} />
          </label>
          <label class="wide">
            Key
            <input
              value={key}
              autoComplete="off"
              spellcheck={false}
              onInput={(event) => setKey(event.currentTarget.value)}
            />
          </label>
          {hasBody && (
            <label class="wide">
              Body ({type})
              <textarea
                rows={8}
                spellcheck={false}
                value={body}
                onInput={(event) => setBody(event.currentTarget.value)}
              />
            </label>
          )}
          <Action id="send" run={run}>
            Send
          </Action>
        </div>
        {sent !== undefined && (
          <div role="status" class="answer">
            <h3>
              {sent.status} <small>in {ms(sent.durationMs)}</small>{' '}
              <a href={linkTo({ ...place, view: 'traces', name: sent.traceId })}>See its trace</a>
            </h3>
            <pre tabIndex={0} aria-label="Body of the answer">
              {pretty(sent.body)}
            </pre>
            <details>
              <summary>Headers</summary>
              <dl>
                {Object.entries(sent.headers).map(([name, value]) => (
                  <div key={name}>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                  </div>
                ))}
              </dl>
            </details>
          </div>
        )}
      </Card>
    </div>
  );
}

function operationsOf(api: OpenApi): Operation[] {
  return Object.entries(api.paths).flatMap(([path, described]) =>
    METHODS.flatMap((method) => {
      const operation = described[method];
      if (operation === undefined) return [];
      const [content] = Object.entries(operation.requestBody?.content ?? {});
      const example =
        content === undefined
          ? undefined
          : (content[1].example ?? exampleOf(api, content[1].schema));
      return [
        {
          ...{ method: method.toUpperCase(), path, summary: operation.summary ?? '' },
          ...(content === undefined
            ? {}
            : { type: content[0], body: JSON.stringify(example ?? {}, null, 2) }),
        },
      ];
    }),
  );
}

/** A body that has what the schema demands. */
function exampleOf(api: OpenApi, schema: Schema | undefined, depth = 0): unknown {
  if (schema === undefined || depth > NESTED) return undefined;
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return exampleOf(api, api.components?.schemas?.[name], depth + 1);
  }
  if (schema.example !== undefined) return schema.example;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.properties !== undefined) {
    return Object.fromEntries(
      Object.entries(schema.properties)
        .filter(([name]) => schema.required?.includes(name) ?? true)
        .map(([name, property]) => [name, exampleOf(api, property, depth + 1)]),
    );
  }
  if (schema.type === 'string') return schema.format === 'email' ? 'ada@example.com' : 'text';
  if (schema.type === 'integer' || schema.type === 'number') return 1;
  if (schema.type === 'boolean') return true;
  return schema.type === 'array' ? [] : undefined;
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
