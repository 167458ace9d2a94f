// npm run logs: one tail of edge, service and WAF over the regions, in order of time or of one request.
import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GLOBAL_REGION } from '../../contracts/aws-limits';
import { parseDuration } from '../keys/duration';
import { InvalidArgumentError, Option } from 'commander';
import { isFault, Region } from './aws';
import type { DeployIo } from './io';
import { deployedOutputs } from './update';
import type { Verb } from './verb';

/** One log group in one region. */
interface Source {
  readonly name: 'edge' | 'service' | 'waf';
  readonly region: Region;
  readonly group: string;
}

interface Line {
  readonly id: string;
  readonly time: number;
  readonly source: Source;
  readonly message: string;
}

const PAUSE_MS = 3000;
/** CloudWatch shows a line some seconds after it was written; a request is looked for from before. */
const OVERLAP_MS = 15_000;

export const logs: Verb = {
  summary: 'Shows the log lines of edge, service and WAF of all regions in one stream.',
  help:
    'Edge, WAF and service name a request by the same id: the x-request-id of its answer. Access logs go to\n' +
    'the log bucket some minutes later and are not shown. On this machine: npm run local -- --log',
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
  async run(context, { since = 0, request, follow = false, json = false }) {
    const { io } = context;
    const sources = sourcesOf(await deployedOutputs(context));
    const seen = new Set<string>();
    const ctrlC = { isPressed: false };
    const release = io.interrupts(() => (ctrlC.isPressed = true));
    let from = io.now() - since;
    for (;;) {
      const read = await Promise.all(sources.map((source) => linesOf(source, from, request)));
      const lines = read
        .flat()
        .filter(({ id }) => !seen.has(id))
        .sort((a, b) => a.time - b.time);
      for (const line of lines) {
        seen.add(line.id);
        print(io, line, json);
      }
      if (!follow || ctrlC.isPressed) break;
      from = Math.max(from, (lines.at(-1)?.time ?? from) - OVERLAP_MS);
      await io.sleep(PAUSE_MS);
      if (ctrlC.isPressed) break;
    }
    release();
    if (seen.size === 0) io.stderr('No line since then.\n');
    return 0;
  },
};

function sourcesOf(outputs: Readonly<Record<string, unknown>> & { region: string }): Source[] {
  const { edge, service, waf } = (outputs.logGroups ?? {}) as Partial<Record<string, string>>;
  const regions = (outputs.edgeRegions ?? [GLOBAL_REGION]) as string[];
  const source = (name: Source['name'], region: string, group: string | undefined): Source[] =>
    group === undefined ? [] : [{ name, region: new Region(region), group }];
  return [
    ...regions.flatMap((region) => source('edge', region, edge)),
    ...source('service', outputs.region, service),
    ...source('waf', GLOBAL_REGION, waf),
  ];
}

async function linesOf(source: Source, startTime: number, request?: string): Promise<Line[]> {
  const lines: Line[] = [];
  let nextToken: string | undefined;
  do {
    try {
      const page = await source.region.logs().send(
        new FilterLogEventsCommand({
          logGroupName: source.group,
          startTime,
          nextToken,
          ...(request === undefined ? {} : { filterPattern: `"${request}"` }),
        }),
      );
      for (const { eventId = '', timestamp = 0, message = '' } of page.events ?? []) {
        lines.push({ id: `${source.region.name} ${eventId}`, time: timestamp, source, message });
      }
      nextToken = page.nextToken;
    } catch (error) {
      // A region without a visitor has no group of the edge.
      if (isFault(error, 'ResourceNotFoundException')) return lines;
      throw error;
    }
  } while (nextToken !== undefined);
  return lines;
}

function print(io: DeployIo, { time, source, message }: Line, json: boolean): void {
  const at = new Date(time).toISOString();
  const { name, region } = source;
  const body = message.trim();
  if (json) {
    const document = { time: at, source: name, region: region.name, message: parsed(body) };
    io.stdout(`${JSON.stringify(document)}\n`);
    return;
  }
  const place = `${name}${name === 'edge' ? ` ${region.name}` : ''}`;
  io.stdout(`${at}  ${place.padEnd(20)}  ${brief(parsed(body))}\n`);
}

/** Lambda puts a time, an id and a level before what was logged. */
function parsed(body: string): unknown {
  const start = body.indexOf('{');
  if (start === -1) return body;
  try {
    return JSON.parse(body.slice(start)) as unknown;
  } catch {
    return body;
  }
}

/** Fields by which a person recognises a line; the rest is in --json. */
const FIELDS = [
  'level',
  'message',
  'Decision',
  'Reason',
  'action',
  'terminatingRuleId',
  'method',
  'route',
  'status',
  'durationMs',
  'KeyId',
  'keyId',
  'failure',
  'requestId',
];

function brief(message: unknown): string {
  if (typeof message !== 'object' || message === null) return String(message);
  const { httpRequest, ...own } = message as Record<string, unknown> & {
    httpRequest?: { httpMethod?: string; requestId?: string };
  };
  const fields: Record<string, unknown> = {
    method: httpRequest?.httpMethod,
    requestId: httpRequest?.requestId,
    ...own,
  };
  return FIELDS.filter((field) => fields[field] !== undefined)
    .map((field) => `${field}=${String(fields[field])}`)
    .join(' ');
}

function duration(textOf: string): number {
  try {
    return parseDuration(textOf) * 1000;
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
