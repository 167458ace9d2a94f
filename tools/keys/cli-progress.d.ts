// Types of the part of cli-progress that is used here; the package brings none.
declare module 'cli-progress' {
  export interface Options {
    format?: string;
    stream?: { write(text: string): unknown };
    hideCursor?: boolean;
    clearOnComplete?: boolean;
  }
  export class SingleBar {
    constructor(options: Options);
    /** @param payload values of further `{names}` in the format. */
    start(total: number, startValue: number, payload?: object): void;
    update(value: number, payload?: object): void;
    increment(step?: number): void;
    stop(): void;
  }
}
