// Export of all users as a stream of lines, by parallel scan, with the reader's pace reaching the scans.
import type { User } from './items';
import { resource } from './resource';
import type { Page, Position, UserIndex } from './user-index';

/**
 * Users a page. Larger pages hold more memory and are no faster from eight segments on, where the
 * processor is the limit (`npm run bench -- --only export`).
 */
const PAGE_USERS = 100;

/**
 * Exports at once: each keeps the processor busy while it is read, and requests of others wait behind.
 * One key alone never takes all places.
 */
export const EXPORT_PLACES = { total: 4, each: 2 } as const;
/** Seconds after which a refused export is worth another try. */
export const EXPORT_RETRY_SECONDS = 10;

type Arrival = { segment: number; page: Page };

/**
 * Pages of all users, as they come. Each segment has at most one page waiting and none in flight
 * while it waits, so a slow reader stops the scans after one page each.
 */
async function* exportPages(
  users: UserIndex,
  total: number,
  signal: AbortSignal,
): AsyncGenerator<User[], void, undefined> {
  const pending = new Map<number, Promise<Arrival>>();
  const fetchPage = (index: number, after?: Position): void => {
    const arrival = users
      .scan({ limit: PAGE_USERS, after, segment: { index, total }, signal })
      .then((page) => ({ segment: index, page }));
    // One that fails while another is being read is seen when its turn comes.
    arrival.catch(() => undefined);
    pending.set(index, arrival);
  };
  for (let index = 0; index < total; index += 1) fetchPage(index);
  while (pending.size > 0) {
    const { segment, page } = await Promise.race(pending.values());
    pending.delete(segment);
    if (page.next !== undefined) fetchPage(segment, page.next);
    yield page.users;
  }
}

/** The export as NDJSON, a page at a time: one resource object a line. */
export async function* exportLines(
  users: UserIndex,
  segments: number,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  for await (const page of exportPages(users, segments, signal)) {
    if (page.length > 0) yield page.map((user) => `${JSON.stringify(resource(user))}\n`).join('');
  }
}
