// Turns: of those that want one thing at the same time in this process, one goes after the other.

/** Work by key; what is asked for under one key runs in the order of asking. */
export class Turns {
  private readonly last = new Map<string, Promise<void>>();

  /** Runs `work` when everything that was asked for before under `key` has ended, well or not. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const mine = (this.last.get(key) ?? Promise.resolve()).then(work);
    const forget = () => this.forget(key, ended);
    const ended: Promise<void> = mine.then(forget, forget);
    this.last.set(key, ended);
    return mine;
  }

  private forget(key: string, ended: Promise<void>): void {
    if (this.last.get(key) === ended) this.last.delete(key);
  }
}
