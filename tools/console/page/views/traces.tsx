// Traces: a list to filter and to walk through by keys, and the waterfall of one with its log lines.
import { useCallback, useEffect, useRef } from 'preact/hooks';
import type { TraceDetail, TraceRow } from '../../view';
import { useRead } from '../asking';
import { colourOf } from '../colours';
import { clock, ms } from '../format';
import type { ViewProps } from '../main';
import { Card, Filter, useKeys, useRows } from '../parts';
import { go, linkTo } from '../place';
import { useTheme } from '../theme';
import { LogLines } from './logs';

const PART_ORDER = ['edge', 'load balancer', 'service', 'DynamoDB', 'KMS'];

export function TracesView(props: ViewProps) {
  return props.place.name === '' ? <List {...props} /> : <Detail {...props} />;
}

function List({ place, range, every }: ViewProps) {
  const filter = place.parameters.filter ?? '';
  const query = new URLSearchParams({ filter, range: String(range) }).toString();
  const { data } = useRead<{ traces: TraceRow[] }>(`/api/traces?${query}`, every);
  const traces = data?.traces ?? [];
  const open = useCallback(
    (index: number) => {
      const traceId = traces[index]?.traceId;
      if (traceId !== undefined) go({ ...place, name: traceId });
    },
    [traces, place],
  );
  const marked = useRows(traces.length, open);
  const list = useRef<HTMLTableSectionElement>(null);
  useEffect(() => {
    list.current?.children[marked]?.scrollIntoView({ block: 'nearest' });
  }, [marked]);
  useTheme();
  const longest = Math.max(...traces.map(({ durationMs }) => durationMs), 1);
  return (
    <Card title="Traces" note="j and k move, Enter opens">
      <Filter
        value={filter}
        hint="route, status, owner or id"
        onChange={(value) =>
          go({ ...place, parameters: { ...place.parameters, filter: value } }, true)
        }
      />
      {data === undefined ? (
        <p class="empty">Reading …</p>
      ) : traces.length === 0 ? (
        <p class="empty">
          No trace in this range{filter === '' ? '' : ' matches'}: call the API, or look further
          back. Health checks are not kept, and of many requests a part alone is traced.
        </p>
      ) : (
        <div class="scroll" tabIndex={0} role="group" aria-label="Traces">
          <table class="cards">
            <thead>
              <tr>
                {['Time', 'Route', 'Status', 'Duration', 'Where the time went'].map((column) => (
                  <th scope="col" key={column}>
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody ref={list}>
              {traces.map((trace, index) => (
                <tr key={trace.traceId} class={index === marked ? 'marked' : ''}>
                  <td data-column="Time">{clock(trace.startMs)}</td>
                  <td data-column="Route">
                    <a href={linkTo({ ...place, name: trace.traceId })}>{trace.route}</a>
                    {trace.owner === '' ? '' : <small> {trace.owner}</small>}
                  </td>
                  <td data-column="Status">
                    {trace.status ?? '–'}
                    {trace.error && <b class="wrong"> failed</b>}
                  </td>
                  <td data-column="Duration">{ms(trace.durationMs)}</td>
                  <td data-column="Where the time went">
                    <Parts trace={trace} longest={longest} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

function Parts({ trace, longest }: { trace: TraceRow; longest: number }) {
  const total = trace.parts.reduce((sum, part) => sum + part.ms, 0);
  return (
    <div class="where-time">
      <span class="parts-track" aria-hidden="true">
        <span class="parts" style={{ width: `${(100 * total) / longest}%` }}>
          {trace.parts.map((part) => (
            <i
              key={part.name}
              style={{
                flexGrow: String(part.ms),
                background: colourOf(undefined, Math.max(0, PART_ORDER.indexOf(part.name))),
              }}
            />
          ))}
        </span>
      </span>
      <small>{trace.parts.map((part) => `${part.name} ${ms(part.ms)}`).join(', ')}</small>
    </div>
  );
}

function Detail({ place, every }: ViewProps) {
  const path = `/api/traces/${encodeURIComponent(place.name)}`;
  // Spans are exported a moment after the answer; until then there may be nothing at all.
  const { data, error } = useRead<TraceDetail>(path, (read) =>
    read?.complete === true ? 0 : Math.max(1000, every),
  );
  useKeys(({ key }) => {
    if (key === 'Escape') go({ ...place, name: '' });
  });
  const back = <a href={linkTo({ ...place, name: '' })}>All traces</a>;
  if (data === undefined) {
    return (
      <Card title={`Trace ${place.name}`} note={back}>
        <p class="empty">
          {error === undefined
            ? 'Reading …'
            : 'It has not arrived yet, was not sampled, or is no longer kept. Looking again.'}
        </p>
      </Card>
    );
  }
  return (
    <>
      <Card title={`Trace ${place.name}`} note={back}>
        {data.spans.length === 0 ? (
          <p class="empty">No span of it is kept: it was not sampled, or has not arrived yet.</p>
        ) : (
          <Waterfall spans={data.spans} />
        )}
      </Card>
      <Card title="Its log lines" note="of the service, the edge and the access log">
        <LogLines lines={data.lines} place={place} />
      </Card>
    </>
  );
}

function Waterfall({ spans }: { spans: TraceDetail['spans'] }) {
  const startMs = Math.min(...spans.map((span) => span.startMs));
  const endMs = Math.max(...spans.map((span) => span.startMs + span.durationMs));
  const total = Math.max(endMs - startMs, 0.001);
  return (
    <ol class="waterfall">
      {spans.map((span) => (
        <li key={span.spanId}>
          <details>
            <summary>
              <span class="name" style={{ paddingLeft: `${span.depth * 16}px` }}>
                {span.name}
                {span.error && <b class="wrong"> failed</b>}
              </span>
              <span class="track" aria-hidden="true">
                <i
                  style={{
                    marginLeft: `${((span.startMs - startMs) / total) * 100}%`,
                    width: `${Math.max((span.durationMs / total) * 100, 0.5)}%`,
                  }}
                />
              </span>
              <span class="time">{ms(span.durationMs)}</span>
            </summary>
            <dl>
              {Object.entries(span.attributes).map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{String(value)}</dd>
                </div>
              ))}
            </dl>
          </details>
        </li>
      ))}
    </ol>
  );
}
