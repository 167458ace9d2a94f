// Lets many readers or one writer in: ordinary calls share the store, a transaction has it alone.

/** A fair lock: whoever comes after a waiting writer waits behind it. */
export class ReadWriteLock {
  private tail: Promise<unknown> = Promise.resolve();
  private readonly readers = new Set<Promise<unknown>>();

  /** Runs `task` beside other shared tasks, after every exclusive one that came before. */
  async shared<T>(task: () => Promise<T>): Promise<T> {
    const running = this.tail.then(task);
    const settled = running.catch(() => undefined).finally(() => this.readers.delete(settled));
    this.readers.add(settled);
    return running;
  }

  /** Runs `task` alone. */
  async exclusive<T>(task: () => Promise<T>): Promise<T> {
    const before = [this.tail, ...this.readers];
    const running = Promise.all(before).then(task);
    this.tail = running.catch(() => undefined);
    return running;
  }
}
