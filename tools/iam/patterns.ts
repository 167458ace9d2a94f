// What policy documents are written with: one value or a list of them, and wildcards.

export type OneOrMore<T> = T | readonly T[];

/** One or more as a list. */
export function many<T>(value: OneOrMore<T> | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

/** Whether a text fits a pattern in which `*` is any text and `?` one character. */
export function matches(pattern: string, text: string): boolean {
  const source = pattern
    .split('')
    .map((character) =>
      character === '*'
        ? '[^]*'
        : character === '?'
          ? '[^]'
          : character.replace(/[\\^$.|+()[\]{}]/, '\\$&'),
    )
    .join('');
  return new RegExp(`^${source}$`).test(text);
}
