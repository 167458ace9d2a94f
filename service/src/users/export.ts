// Export of all users as a stream of lines, by parallel scan, with the reader's pace reaching the scans.
import type { User } from './items';
import type { Page, Position, UserRepository } from './repository';
import { resource } from './resource';

/**
 * Users a page. Larger pages hold more memory and are no faster from eight segments on, where the
 * processor is the limit (`npm run bench -- --only export`).
 */
const PAGE_USERS = 100;

type Arrival = { segment: number; page: Page };

/**
 * Pages of all users, as they come. Each segment has at most one page waiting and none in flight
 * while it waits, so a slow reader stops the scans after one page each.
 */
export async function* exportPages(
  users: UserRepository,
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

/** The export as NDJSON: one resource object a line. Cancelling it aborts the scans. */
export function exportStream(users: UserRepository, segments: number): ReadableStream<Uint8Array> {
  const abort = new AbortController();
  const pages = exportPages(users, segments, abort.signal);
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          const { done, value } = await pages.next();
          if (done === true) return controller.close();
          if (value.length === 0) continue;
          const lines = value.map((user) => `${JSON.stringify(resource(user))}\n`).join('');
          return controller.enqueue(encoder.encode(lines));
        }
      },
      async cancel() {
        abort.abort();
        await pages.return();
      },
    },
    { highWaterMark: 0 },
  );
}
