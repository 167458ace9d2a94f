// Lines of CloudWatch's log groups: edge, service, WAF and API Gateway, each in its regions.
import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GLOBAL_REGION } from '../../../contracts/aws-limits';
import { isFault, Region } from '../aws';
import type { Feed, Line } from './line';

/** One log group in one region. */
interface Group {
  readonly source: 'edge' | 'service' | 'api' | 'waf';
  readonly region: Region;
  readonly name: string;
}

/**
 * Every log group of a stack.
 * @param outputs Of the stack.
 * @param request Only lines with these words in them.
 */
export function groupFeeds(
  outputs: Readonly<Record<string, unknown>> & { readonly region: string },
  request: string | undefined,
): Feed[] {
  const names = (outputs.logGroups ?? {}) as Partial<Record<string, string>>;
  const regions = (outputs.edgeRegions ?? [GLOBAL_REGION]) as string[];
  const group = (source: Group['source'], region: string): Group[] => {
    const name = names[source];
    return name === undefined ? [] : [{ source, region: new Region(region), name }];
  };
  return [
    ...regions.flatMap((region) => group('edge', region)),
    ...group('service', outputs.region),
    ...group('api', outputs.region),
    ...group('waf', GLOBAL_REGION),
  ].map((one) => ({ read: (from) => linesOf(one, from, request) }));
}

async function linesOf(
  { source, region, name }: Group,
  startTime: number,
  request?: string,
): Promise<Line[]> {
  const lines: Line[] = [];
  let nextToken: string | undefined;
  do {
    try {
      const page = await region.logs().send(
        new FilterLogEventsCommand({
          logGroupName: name,
          startTime,
          nextToken,
          ...(request === undefined ? {} : { filterPattern: `"${request}"` }),
        }),
      );
      for (const { eventId = '', timestamp = 0, message = '' } of page.events ?? []) {
        const id = `${region.name} ${eventId}`;
        lines.push({ id, time: timestamp, source, region: region.name, message });
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
