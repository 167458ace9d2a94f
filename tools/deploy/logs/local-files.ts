// Lines of the platform that runs on this machine, from the files that it writes.
import { followLogs } from '../../local/follow-logs';
import { parsed, type Feed, type Line } from './line';

/** Follows a folder. @param request Only lines with these words in them. */
export function localFeed(
  folder: string,
  { request, now }: { readonly request: string | undefined; readonly now: () => number },
): { readonly feed: Feed; readonly end: () => void } {
  let count = 0;
  let waiting: Line[] = [];
  const end = followLogs(folder, (text) => {
    const [source = '', message = ''] = split(text);
    if (request !== undefined && !message.includes(request)) return;
    waiting.push({
      id: String((count += 1)),
      time: timeOf(message) ?? now(),
      source: source === 'access' ? 'cloudfront' : source,
      region: 'local',
      message,
    });
  });
  const read = (from: number): Promise<Line[]> => {
    const lines = waiting.filter(({ time }) => time >= from);
    waiting = [];
    return Promise.resolve(lines);
  };
  return { feed: { read }, end };
}

/** `service-1 | {"time":…}` */
function split(text: string): string[] {
  const at = text.indexOf(' | ');
  return [text.slice(0, at), text.slice(at + 3)];
}

function timeOf(message: string): number | undefined {
  const fields = parsed(message);
  if (typeof fields !== 'object' || fields === null) return undefined;
  const { time, _aws } = fields as { time?: unknown; _aws?: { Timestamp?: number } };
  const at = typeof time === 'string' ? Date.parse(time) : (_aws?.Timestamp ?? NaN);
  return Number.isNaN(at) ? undefined : at;
}
