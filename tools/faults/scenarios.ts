// The faults: what is broken on the local platform, for how long, and what must hold all the same.
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsFault } from '../local/aws/faults';
import type { Task } from '../local/fargate/task';
import type { Platform } from '../local/platform';
import type { Outcome, Scenario } from './scenario';

/** How long each lasts, in seconds; the keys table must be down for longer than the edge caches. */
export interface Lengths {
  readonly fault: number;
  readonly keysDown: number;
}

/** Added to each call of a slow table, milliseconds. */
const SLOW_MS = 500;

const unavailable = () => new AwsFault('InternalServerError', 'The table is down (test).', 500);

/** Every fault, in the order in which they are run. */
export function scenariosOn(
  { parts }: Pick<Platform, 'parts'>,
  { fault, keysDown }: Lengths,
): Scenario[] {
  const { aws, fleet, otlp, keysTable } = parts;
  const isKeys = (input: Record<string, unknown>) => input.TableName === keysTable;
  const heal = () => {
    aws.inject = undefined;
  };
  const only503 = ({ failures }: Outcome) => Object.keys(failures).every((how) => how === '503');
  let killed: Task | undefined;
  let noticedSeconds = 0;
  const pids = () => String(fleet.tasks().map(({ pid }) => pid));
  let before = '';
  return [
    {
      name: 'a task is killed',
      id: 'kill-task',
      about: 'One of two tasks gets SIGKILL.',
      expected:
        'only what was sent before its end was noticed is lost (502), and another replaces it',
      seconds: 0,
      begin: (nowMs) => {
        [killed] = fleet.tasks();
        if (killed === undefined) throw new Error('There is no task to kill.');
        void killed.exited.then(() => (noticedSeconds = (performance.now() - nowMs) / 1000));
        process.kill(-killed.pid, 'SIGKILL');
      },
      end: async () => {
        const { desired } = fleet.counts();
        const isReplaced = () => killed?.hasExited() === true && fleet.counts().running >= desired;
        while (!isReplaced()) await sleep(20);
      },
      // What a process held when it died is gone, and until its end is known the load balancer sends
      // to it; from then on nothing has a reason to fail, however slow the machine is.
      holds: ({ failures, lastFailedSeconds }) =>
        Object.keys(failures).every((how) => how === '502') && lastFailedSeconds <= noticedSeconds,
    },
    {
      name: 'DynamoDB is slow',
      id: 'slow-dynamodb',
      about: `Each call of the users table takes ${SLOW_MS} ms more.`,
      expected: 'no request fails',
      seconds: fault,
      begin: () => {
        aws.inject = async (operation, input) => {
          if (operation.startsWith('DynamoDB.') && !isKeys(input)) await sleep(SLOW_MS);
          return undefined;
        };
      },
      end: heal,
      // A request makes one call or two, and its time limit is 10 s.
      holds: ({ failed }) => failed === 0,
    },
    {
      name: 'DynamoDB is down',
      id: 'stop-dynamodb',
      about: 'Each call of the users table fails with a 500.',
      expected: 'each request that needs it is answered by 503, and no task is replaced',
      seconds: fault,
      begin: () => {
        before = pids();
        aws.inject = (operation, input) =>
          operation.startsWith('DynamoDB.') && !isKeys(input) ? unavailable() : undefined;
      },
      end: heal,
      // Three attempts with their pauses take less than the time limit: the answer is the service's own.
      holds: (outcome) => outcome.failed > 0 && only503(outcome) && pids() === before,
    },
    {
      name: 'the keys table is down',
      id: 'stop-keys',
      about: 'Each look-up of a key fails, for longer than the edge caches one.',
      expected: 'keys that were used moments ago live on (grace): no request fails',
      seconds: keysDown,
      begin: () => {
        aws.inject = (_, input) => (isKeys(input) ? unavailable() : undefined);
      },
      end: heal,
      // Both lengths are within the edge's grace (`edgeGraceSeconds`, 300).
      holds: ({ failed }) => failed === 0,
    },
    {
      name: 'the collector is down',
      id: 'stop-collector',
      about: 'Nothing listens where traces and metrics are sent, from here on.',
      expected: 'no request fails',
      seconds: fault,
      begin: () => otlp.close(),
      end: () => undefined,
      // No answer waits for telemetry.
      holds: ({ failed }) => failed === 0,
    },
  ];
}
