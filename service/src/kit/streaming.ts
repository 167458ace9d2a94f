// Answers that are made while they are read: at the reader's pace, ended early when they fail, never forgotten.
import type { Context } from 'hono';
import type { AppEnv } from './identity';
import { errorFields, type Logger } from './logger';
import { requestFacts } from './request-facts';

/** A reader that takes nothing for so long has gone; the load balancer gives up at about the same time. */
const STALL_LIMIT_MS = 60_000;

/** What {@link streamBody} needs. */
export interface StreamOptions {
  /** Makes the pieces; nothing is asked of it before the first is read. */
  readonly pieces: AsyncGenerator<string, void, undefined>;
  /** Told once, however it ends: read to its end, failed, given up by its reader. */
  readonly onEnd: () => void;
  readonly logger: Logger;
}

/**
 * The body of an answer. When making it fails, the connection ends before the body does, so that a part
 * never looks like the whole, and one line says why.
 */
export function streamBody(
  c: Context<AppEnv>,
  { pieces, onEnd, logger }: StreamOptions,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let isOver = false;
  let stalled: NodeJS.Timeout;
  const end = (): void => {
    clearTimeout(stalled);
    isOver = true;
    onEnd();
  };
  const facts = requestFacts(c);
  const breakOff = (controller: ReadableStreamDefaultController, error: unknown): void => {
    end();
    // Before the stream knows of it: Node.js's server would print the error, too.
    c.env?.outgoing?.destroy();
    controller.error(error);
  };
  const watch = (controller: ReadableStreamDefaultController): void => {
    stalled = setTimeout(() => {
      logger.warn('answer given up, nobody reads it', facts);
      breakOff(controller, new Error('nobody read for too long'));
      void pieces.return();
    }, STALL_LIMIT_MS).unref();
  };
  return new ReadableStream<Uint8Array>(
    {
      start: watch,
      async pull(controller) {
        clearTimeout(stalled);
        try {
          const { done, value } = await pieces.next();
          if (isOver) return;
          if (done === true) {
            end();
            return controller.close();
          }
          controller.enqueue(encoder.encode(value));
          watch(controller);
        } catch (error) {
          if (isOver) return;
          logger.error('answer broken off', { ...facts, ...errorFields(error) });
          breakOff(controller, error);
        }
      },
      async cancel() {
        end();
        await pieces.return();
      },
    },
    { highWaterMark: 0 },
  );
}
