// API: the operations that the service describes, a request with the demo key, and the way to its trace.
import { useEffect, useState } from 'preact/hooks';
import { METHODS, operationsOf } from '../../openapi';
import type { OpenApi, Operation } from '../../openapi';
import type { Sent } from '../../view';
import { act, useRead } from '../asking';
import { ms } from '../format';
import type { ViewProps } from '../main';
import { Action, Card } from '../parts';
import { linkTo } from '../place';

const RETRY_MS = 2_000;

export function ApiView({ about, place }: ViewProps) {
  // A platform in trouble may not have it now.
  const { data: api, error } = useRead<OpenApi>('/api/openapi', (read) =>
    read === undefined ? RETRY_MS : 0,
  );
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
        {error !== undefined && <p class="empty">{error}</p>}
        {api !== undefined && operations.length === 0 && (
          <p class="empty">The service has no /openapi.json: write method and path by hand.</p>
        )}
        <ul class="operations">
          {operations.map((operation) => (
            <li key={`${operation.method}${operation.path}`}>
              <button
                type="button"
                aria-pressed={operation.method === method && operation.path === path}
                onClick={() => choose(operation)}
              >
                <b class={`method ${operation.method}`}>{operation.method}</b>{' '}
                <code>{operation.path}</code> <span>{operation.summary}</span>
              </button>
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
          <Action id="send" class="primary" run={run}>
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

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
