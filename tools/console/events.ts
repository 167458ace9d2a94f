// What the platform tells, remembered for the console: scaling, tasks that end, limits that block.
import type { Happened } from './view';

const KEPT = 200;

/** A voice that remembers. */
export class Events {
  private readonly happened: Happened[] = [];
  private readonly listeners: ((event: Happened) => void)[] = [];

  constructor(private readonly speak: (message: string) => void) {}

  /** Tells it on, and keeps it. */
  readonly say = (message: string): void => {
    const event = { atMs: Date.now(), text: message };
    this.happened.push(event);
    if (this.happened.length > KEPT) this.happened.shift();
    for (const listen of this.listeners) listen(event);
    this.speak(message);
  };

  /** Told of each from now on. */
  listen(listener: (event: Happened) => void): void {
    this.listeners.push(listener);
  }

  /** Those since a time, oldest first. */
  since(atMs: number): Happened[] {
    return this.happened.filter((event) => event.atMs >= atMs);
  }
}
