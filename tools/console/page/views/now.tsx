// Now: the sentence of state, six numbers, who is served and how fast, who calls, tasks and faults.
import type { Now } from '../../view';
import { act, useRead } from '../asking';
import { Chart } from '../chart';
import { ago, clock, ms, number, percent } from '../format';
import type { ViewProps } from '../main';
import { AlarmList, State } from '../alarms';
import { Action, Card, Copy, Table, TileCard } from '../parts';
import { linkTo } from '../place';

/** A rate of a few calls a minute has no digits worth reading. */
const rate = (perSecond: number) => (perSecond < 0.1 ? '< 0.1' : number(perSecond));
const SIGNS = { bad: '!', warn: '!', good: '✓', idle: '–' };

export function NowView({ about, range, every }: ViewProps) {
  const { data: now, again } = useRead<Now>(`/api/now?range=${range}`, every);
  if (now === undefined) return <p class="empty waiting">Looking …</p>;
  const { condition } = now;
  const call = `curl -i ${about.edge}${about.sample.path} -H '${about.keyHeader}: ${about.key}'`;
  return (
    <div class="now">
      <div class={`sentence ${condition.level}`} role="status" data-cause={condition.cause}>
        <span class="sign" aria-hidden="true">
          {SIGNS[condition.level]}
        </span>
        <strong>{condition.word}</strong>
        <p>
          {condition.sentence}
          {condition.remedy === undefined ? '' : ` ${condition.remedy}`}{' '}
          <small>since {clock(condition.sinceMs)}</small>
        </p>
        {condition.cause === 'idle' && <Copy text={call}>Copy a call to try</Copy>}
        {condition.also.length > 0 && (
          <ul class="also">
            {condition.also.map(({ cause, level, word, sentence }) => (
              <li key={cause}>
                <b class={level}>{word}</b> {sentence}
              </li>
            ))}
          </ul>
        )}
      </div>
      <div class="tiles">
        {now.tiles.map((tile) => (
          <TileCard key={tile.title} tile={tile} />
        ))}
      </div>
      <div class="pair">
        <Card title={now.outcome.title}>
          <Chart widget={now.outcome} height={220} />
        </Card>
        <Card title={now.response.title}>
          <Chart widget={now.response} height={220} marks={now.marks} stepped={['tasks']} />
        </Card>
      </div>
      <div class="pair">
        <Card title="Who" note="last minute, by key">
          <Table
            label="Callers"
            columns={['Key', 'Owner', 'Requests/s', 'Errors', 'Blocked/s']}
            empty={
              <>
                Nobody called in the last minute. <Copy text={call}>Copy a call to try</Copy>
              </>
            }
            rows={now.callers.map((row) => ({
              key: row.keyId,
              cells: [
                <code>{row.keyId}</code>,
                row.owner,
                rate(row.perSecond),
                percent(row.errorPercent),
                number(row.blockedPerSecond),
              ],
            }))}
          />
        </Card>
        <Card title="Slow" note={`last minute, by route; target ${about.objectives.latencyMs} ms`}>
          <Table
            label="Routes"
            columns={['Route', 'Requests/s', 'p50', 'p99', '5xx', 'Target']}
            empty="No route was called in the last minute."
            rows={now.routes.map((row) => ({
              key: row.route,
              cells: [
                <a
                  href={linkTo({
                    view: 'traces',
                    name: '',
                    parameters: { filter: row.route, range: String(range) },
                  })}
                >
                  {row.route}
                </a>,
                rate(row.perSecond),
                ms(row.p50Ms),
                ms(row.p99Ms),
                percent(row.errorPercent),
                row.p99Ms === null ? (
                  '–'
                ) : row.p99Ms > about.objectives.latencyMs ? (
                  <span class="state bad">over</span>
                ) : (
                  <span class="state good">within</span>
                ),
              ],
            }))}
          />
        </Card>
      </div>
      <div class="pair">
        <div>
          <Card
            title="Tasks"
            note={`${now.counts.running} running, ${now.counts.pending} pending, ${now.counts.desired} desired, ${now.counts.minimum} to ${now.counts.maximum}`}
          >
            <Table
              label="Tasks"
              columns={['Task', 'State', 'In flight', 'Port', 'Process', 'Actions']}
              empty="No task runs."
              rows={now.tasks.map((task) => ({
                key: task.id,
                cells: [
                  task.id,
                  <State name={task.state} />,
                  String(task.inFlight),
                  String(task.port),
                  String(task.pid),
                  <Action
                    aria-label={`Kill ${task.id}`}
                    run={() => act(`/api/tasks/${task.id}/kill`).then(again)}
                  >
                    Kill
                  </Action>,
                ],
              }))}
            />
          </Card>
          <Card
            title="Alarms"
            note={`those that call somebody, as late as on AWS${about.timeScale === 1 ? '' : `, ${about.timeScale} times faster`}; ${ago(about.startedMs, now.atMs)} after the start`}
          >
            <AlarmList alarms={now.alarms} nowMs={now.atMs} />
          </Card>
          <Card title="Events" note="what happened to tasks and limits in this time">
            {now.events.length === 0 ? (
              <p class="empty">
                Nothing yet: tasks that end, scaling and limits that block are told here.
              </p>
            ) : (
              <ol class="events">
                {now.events.map(({ atMs, text }) => (
                  <li key={`${atMs}${text}`}>
                    <time>{clock(atMs)}</time> {text.split('\n')[0]}
                  </li>
                ))}
              </ol>
            )}
          </Card>
        </div>
        <Card title="Faults" note="cause one and see what the platform and its alarms do">
          <ul class="faults">
            {now.faults.map(({ id, label, does, on }) => (
              <li key={id}>
                <Action
                  aria-pressed={on}
                  data-fault={id}
                  run={() => act(`/api/faults/${id}`, { on: !on }).then(again)}
                >
                  {label}
                </Action>{' '}
                <span>
                  {on && <strong class="wrong">on. </strong>}
                  {does}
                </span>
              </li>
            ))}
          </ul>
        </Card>
      </div>
    </div>
  );
}
