// The subject of API keys that end: found once a day, so that nobody hears of it by a 401.
import { EXPIRING_DAYS, MAIL_DAYS } from '../contracts/key-expiry';
import { KEYS_METRICS } from '../contracts/metrics';
import type { AlarmSpec } from './alarm-spec';
import { line } from './metric';
import type { StackReferences } from './references';
import * as source from './sources';
import { graph, type Widget } from './widgets';

/** The check runs once a day. */
const DAY_SECONDS = 86_400;

/** Keys that end soon, of the last weeks. */
export function expiringKeys(refs: StackReferences): Widget {
  return graph({
    title: `API keys that end within ${EXPIRING_DAYS} days, and failed checks`,
    region: refs.region,
    periodSeconds: DAY_SECONDS,
    start: '-P28D',
    lines: [
      { metric: expiring(refs), label: 'ending keys' },
      { metric: failures(refs), label: 'failed checks' },
    ],
    thresholds: [{ label: 'key-expiring, key-check-failing', value: 0 }],
  });
}

function expiring<T>(refs: StackReferences<T>) {
  return source.service(refs, KEYS_METRICS.expiring, 'Maximum');
}

function failures<T>(refs: StackReferences<T>) {
  return source.lambda(refs.region, { functionName: refs.keyCheck }, 'Errors', 'Sum');
}

/** Alarms of the daily check. */
export function keyAlarms<T>(refs: StackReferences<T>): AlarmSpec<T | string>[] {
  const keys = {
    area: 'keys' as const,
    region: refs.region,
    comparison: 'above' as const,
    threshold: 0,
    periodSeconds: DAY_SECONDS,
    dataPoints: { breaching: 1, of: 1 },
  };
  return [
    {
      ...keys,
      id: 'key-expiring',
      title: `An API key ends within ${EXPIRING_DAYS} days, and has no successor.`,
      reason:
        'A check looks once a day; a week is time for an owner to be asked and to change over.',
      runbook: {
        means: 'On its last day the requests of its owner begin to be answered with 401.',
        look: [
          '`npm run keys -- list --stack STACK`: EXPIRES, OWNER, and LAST USED.',
          '`npm run keys -- usage ID --stack STACK`: whether anybody would miss it.',
        ],
        remedy: [
          'In use: `npm run keys -- rotate ID --stack STACK`, and hand the new key to its owner; both work for a while.',
          'Not in use: `npm run keys -- revoke ID --stack STACK`, or let it end.',
          `The alarm ends when the key has a successor or is gone. With \`gatehouse:mailFrom\` owners are written to ${MAIL_DAYS.join(', ')} days before.`,
        ],
      },
      lines: [line(expiring(refs), 'ending keys')],
    },
    {
      ...keys,
      id: 'key-check-failing',
      title: 'The daily check of API keys failed.',
      reason: 'Without it nobody is told that a key ends; it runs once a day, so once is enough.',
      runbook: {
        means:
          'Nothing yet: keys work. But `key-expiring` is blind, or an owner was not written to.',
        look: ['The log group of the check (`gh-key-check-logs`): the last line says what failed.'],
        remedy: [
          'A mail was refused: verify the sender in SES, or leave its sandbox; the line names the keys.',
          "The table can't be read: undo what changed the role or the table's key (`npm run drift -- STACK`).",
        ],
      },
      lines: [line(failures(refs), 'failed checks')],
    },
  ];
}
