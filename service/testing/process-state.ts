// What an entry changes of its process, put back for the tests that come after.

const EVENTS = ['warning', 'uncaughtException', 'unhandledRejection', 'SIGTERM', 'SIGINT'] as const;

/** Remembers console and listeners; the returned function restores them. */
export function keepProcessState(): () => void {
  const { debug, log, info, warn, error } = console;
  const listeners = EVENTS.map((event) => [event, process.listeners(event as 'exit')] as const);
  return () => {
    Object.assign(console, { debug, log, info, warn, error });
    for (const [event, before] of listeners) {
      process.removeAllListeners(event);
      for (const listener of before) process.on(event, listener);
    }
  };
}
