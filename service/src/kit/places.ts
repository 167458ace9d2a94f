// Places for work that may run only so many times at once: what finds none is told to come again.

/** So many places in all, and so many of them for one caller. */
export class Places {
  private readonly taken = new Map<string, number>();
  private total = 0;

  constructor(private readonly limits: { readonly total: number; readonly each: number }) {}

  /** @returns what gives the place back, or undefined when there is none. */
  take(caller: string): (() => void) | undefined {
    const own = this.taken.get(caller) ?? 0;
    if (this.total >= this.limits.total || own >= this.limits.each) return undefined;
    this.total += 1;
    this.taken.set(caller, own + 1);
    return () => {
      this.total -= 1;
      const left = (this.taken.get(caller) as number) - 1;
      if (left > 0) this.taken.set(caller, left);
      else this.taken.delete(caller);
    };
  }
}
