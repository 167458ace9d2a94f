// States in words, and the alarms in theirs.
import type { AlarmRow } from '../view';
import { ago } from './format';
import { Table } from './parts';

const STATES: Record<string, string> = {
  ALARM: 'bad',
  OK: 'good',
  INSUFFICIENT_DATA: 'idle',
  healthy: 'good',
  unhealthy: 'bad',
  stopped: 'bad',
  draining: 'warn',
  starting: 'warn',
  active: 'good',
  rotating: 'warn',
  expired: 'idle',
  revoked: 'bad',
};

/** A state in words, with a colour and a sign. */
export function State({ name }: { name: string }) {
  const level = STATES[name] ?? 'idle';
  return (
    <span class={`state ${level}`}>{name === 'INSUFFICIENT_DATA' ? 'no data yet' : name}</span>
  );
}

/** What rings; the rest is folded away. */
export function AlarmList({ alarms, nowMs }: { alarms: readonly AlarmRow[]; nowMs: number }) {
  const ringing = alarms.filter(({ state }) => state === 'ALARM');
  const quiet = alarms.filter(({ state }) => state !== 'ALARM');
  return (
    <>
      {ringing.length === 0 ? (
        <p class="empty">
          <State name="OK" />, {quiet.length} alarms and none rings.
        </p>
      ) : (
        <AlarmTable alarms={ringing} nowMs={nowMs} />
      )}
      {quiet.length > 0 && (
        <details class="quiet">
          <summary>{quiet.length} that do not ring, and what rings them here</summary>
          <AlarmTable alarms={quiet} nowMs={nowMs} />
        </details>
      )}
    </>
  );
}

function AlarmTable({ alarms, nowMs }: { alarms: readonly AlarmRow[]; nowMs: number }) {
  return (
    <Table
      label="Alarms"
      columns={['State', 'Alarm', 'Rings here by']}
      empty="This stack declares no alarm."
      rows={alarms.map(({ name, state, title, sinceMs, here }) => ({
        key: name,
        cells: [
          <>
            <State name={state} />{' '}
            {state === 'ALARM' ? <small>for {ago(sinceMs, nowMs)}</small> : ''}
          </>,
          title,
          here === '' ? '–' : here,
        ],
      }))}
    />
  );
}
