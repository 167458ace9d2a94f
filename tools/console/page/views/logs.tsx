// Logs: lines of the edge, the access log, the tasks and the platform in order of time, joined by their ids.
import type { LogLine, LogSource } from '../../view';
import { useRead } from '../asking';
import { preciseClock } from '../format';
import type { ViewProps } from '../main';
import { Card, Filter } from '../parts';
import { go, linkTo } from '../place';
import type { Place } from '../place';

const SOURCES: readonly LogSource[] = ['edge', 'access', 'service', 'platform'];

export function LogsView({ place, range, every }: ViewProps) {
  const { filter = '', sources = SOURCES.join(',') } = place.parameters;
  const query = new URLSearchParams({ filter, sources, range: String(range) }).toString();
  const { data } = useRead<{ lines: LogLine[] }>(`/api/logs?${query}`, every);
  const chosen = sources.split(',');
  const set = (name: string, value: string) =>
    go({ ...place, parameters: { ...place.parameters, [name]: value } }, true);
  return (
    <Card title="Logs" note={every === 0 ? 'not refreshed' : 'live, newest first'}>
      <div class="choices">
        <Filter value={filter} hint="words or an id" onChange={(value) => set('filter', value)} />
        <fieldset>
          <legend>From</legend>
          {SOURCES.map((source) => (
            <label key={source}>
              <input
                type="checkbox"
                checked={chosen.includes(source)}
                onChange={(event) =>
                  set(
                    'sources',
                    SOURCES.filter((each) =>
                      each === source ? event.currentTarget.checked : chosen.includes(each),
                    ).join(','),
                  )
                }
              />{' '}
              {source}
            </label>
          ))}
        </fieldset>
      </div>
      {data !== undefined && <LogLines lines={data.lines} place={place} />}
    </Card>
  );
}

/** Lines with their ids as links: one to a trace, the others to what has the same id. */
export function LogLines({ lines, place }: { lines: readonly LogLine[]; place: Place }) {
  if (lines.length === 0) return <p class="empty">No line matches in this time range.</p>;
  return (
    <ol class="lines" aria-label="Lines">
      {lines.map((line, index) => (
        <li key={`${line.atMs}${line.from}${index}`} class={line.level}>
          <time>{preciseClock(line.atMs)}</time>
          <span class={`source ${line.source}`}>{line.from}</span>
          {line.level !== 'info' && <b class={line.level}>{line.level}</b>}
          <span class="text">{line.text}</span>
          <span class="ids">
            {Object.entries(line.ids).map(([name, value]) => (
              <a
                key={name}
                title={value}
                href={
                  name === 'traceId'
                    ? linkTo({ view: 'traces', name: value, parameters: kept(place) })
                    : linkTo({
                        view: 'logs',
                        name: '',
                        parameters: { ...kept(place), filter: value },
                      })
                }
              >
                {name.replace(/Id$/, '')} {value.slice(0, 8)}
              </a>
            ))}
          </span>
        </li>
      ))}
    </ol>
  );
}

function kept({ parameters }: Place): Record<string, string> {
  return { range: parameters.range ?? '', every: parameters.every ?? '' };
}
