// npm run logs: one tail of every log of a stack, over the regions, in order of time or of one request; here, too.
import { InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../keys/duration';
import { findRunningPlatform } from '../local/state';
import { DeployError, type DeployIo } from './io';
import { accessFeeds } from './logs/access-files';
import { groupFeeds } from './logs/groups';
import { shown, type Feed } from './logs/line';
import { localFeed } from './logs/local-files';
import { deployedOutputs } from './update';
import type { Flags, Verb } from './verb';

const PAUSE_MS = 3000;
/** On this machine nothing is paid for a look. */
const LOCAL_PAUSE_MS = 300;
/** CloudWatch shows a line some seconds after it was written, so each look goes back a little. */
const OVERLAP_MS = 15_000;

export const logs: Verb = {
  summary:
    'Shows the log lines of edge, service, WAF and access logs of all regions in one stream.',
  help:
    'CloudFront, edge, WAF and service name a request by the same id: the x-request-id of its answer. The\n' +
    'load balancer knows no such id, so --request leaves its lines out. Access logs of CloudFront and balancer\n' +
    'come into the bucket five minutes late and more. With --local: the platform of "npm run local".',
  options: (command) =>
    command
      .addOption(
        new Option('--since <duration>', 'how far back, such as 15m or 2h')
          .argParser(duration)
          .default(15 * 60_000, '15m'),
      )
      .option('--request <id>', 'only lines of this request')
      .option('--follow', 'go on until Ctrl-C')
      .option('--json', 'print one JSON document a line'),
  async run(context, flags) {
    const { io } = context;
    const { request } = flags;
    const outputs = await deployedOutputs(context);
    const feeds = [
      ...groupFeeds(outputs, request),
      ...(await accessFeeds(outputs, { request, now: io.now })),
    ];
    return tail(io, feeds, flags, PAUSE_MS);
  },
  async runLocal(io, flags) {
    const { request } = flags;
    const { feed, end } = localFeed(platformOf(flags).logs, { request, now: io.now });
    try {
      return await tail(io, [feed], flags, LOCAL_PAUSE_MS);
    } finally {
      end();
    }
  },
};

function platformOf({ port }: Flags): ReturnType<typeof findRunningPlatform> {
  try {
    return findRunningPlatform(port);
  } catch (error) {
    throw new DeployError((error as Error).message, { cause: error });
  }
}

async function tail(
  io: DeployIo,
  feeds: readonly Feed[],
  { since = 0, follow = false, json = false }: Flags,
  pauseMs: number,
): Promise<number> {
  const seen = new Set<string>();
  const ctrlC = { isPressed: false };
  const release = io.interrupts(() => (ctrlC.isPressed = true));
  const start = io.now() - since;
  let from = start;
  try {
    for (;;) {
      const read = await Promise.all(feeds.map((feed) => feed.read(from)));
      const lines = read
        .flat()
        .filter(({ id }) => !seen.has(id))
        .sort((a, b) => a.time - b.time);
      for (const line of lines) {
        seen.add(line.id);
        io.stdout(shown(line, json));
      }
      if (!follow || ctrlC.isPressed) break;
      from = Math.max(start, from, (lines.at(-1)?.time ?? from) - OVERLAP_MS);
      await io.sleep(pauseMs);
      if (ctrlC.isPressed) break;
    }
  } finally {
    release();
  }
  if (seen.size === 0) io.stderr('No line since then.\n');
  return 0;
}

function duration(textOf: string): number {
  try {
    return parseDuration(textOf) * 1000;
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
