// The weights of a listener rule: requests shared out between two target groups.

/** One of the two target groups; a stack that replaces task by task has the first alone. */
export type Group = 0 | 1;

/** Whose turn it is. */
export class Weights {
  /** Share of the requests that the second group gets, 0 to 1. */
  private share = 0;
  /** What of that share has not been sent yet: 1 is a request. */
  private due = 0;
  private readonly sent: [number, number] = [0, 0];

  /**
   * Sends a group this percentage of the requests from now on, and the other one the rest. Never
   * more, not even of a few: an ALB draws lots, which comes to the same of many.
   */
  shift(group: Group, percent: number): void {
    this.share = (group === 1 ? percent : 100 - percent) / 100;
    this.due = 0;
  }

  /** Requests that each group has been sent. */
  requests(): readonly [number, number] {
    return [...this.sent];
  }

  /** The group whose turn it is: the smaller share is rounded down. */
  turn(): Group {
    const smaller = this.share > 0.5 ? 0 : 1;
    this.due += smaller === 1 ? this.share : 1 - this.share;
    const isDue = this.due >= 1 - Number.EPSILON;
    if (isDue) this.due -= 1;
    const group = isDue ? smaller : smaller === 1 ? 0 : 1;
    this.sent[group] += 1;
    return group;
  }
}
