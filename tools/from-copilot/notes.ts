// What a conversion has to say beside its files.
import type { Lost } from './lost';

/** Collects what a conversion says beside its files. */
export class Notes {
  readonly lost: Lost[] = [];
  readonly toDo: string[] = [];
  lose(line: number, what: string, why: string): void {
    this.lost.push({ line, what, why });
  }
}
