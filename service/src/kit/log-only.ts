// What a process prints is its log, one JSON object a line: libraries' words, warnings, the last error, too.
import { errorFields, type Logger } from './logger';

/** How much of what a library prints is kept. */
const MAX_WORDS = 500;
const METHODS = {
  debug: 'debug',
  log: 'info',
  info: 'info',
  warn: 'warn',
  error: 'error',
} as const;

/**
 * From here on `console`, warnings of Node.js and uncaught errors go into the log. An uncaught error ends
 * the process with code 1, as it would without: nobody knows what state it left.
 */
export function logOnly(logger: Logger): void {
  for (const [method, level] of Object.entries(METHODS)) {
    console[method as keyof typeof METHODS] = (...args: unknown[]) => {
      // Words come from the program; errors, and whatever else is printed, may quote what a client sent.
      const words = args.filter((arg) => typeof arg === 'string').join(' ');
      const error = args.find((arg) => arg instanceof Error);
      logger[level]('printed', {
        words: words === '' ? undefined : words.slice(0, MAX_WORDS),
        ...(error === undefined ? {} : errorFields(error)),
      });
    };
  }
  process.removeAllListeners('warning');
  process.on('warning', (warning) => logger.warn('warning', errorFields(warning)));
  const die = (message: string) => (error: unknown) => {
    logger.error(message, errorFields(error));
    logger.flush();
    process.exit(1);
  };
  process.on('uncaughtException', die('uncaught error'));
  process.on('unhandledRejection', die('unhandled rejection'));
}
