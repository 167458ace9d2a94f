// What is fuzzed: a kind of input, and what must hold of whatever is made of it.
import fc from 'fast-check';

/** A target that has been opened: inputs are JSON, so that one can be kept in corpus.json. */
export interface Fuzzer {
  readonly property: fc.IAsyncProperty<[unknown]>;
  /** Checks one input. @throws Error that says what does not hold. */
  check(input: unknown): Promise<void>;
  close(): Promise<void>;
}

export interface Target {
  readonly name: string;
  /** What is fuzzed, in a few words. */
  readonly about: string;
  open(): Promise<Fuzzer>;
}

/** Joins inputs and their check, which throws what does not hold. */
export function fuzzer<T>(
  inputs: fc.Arbitrary<T>,
  check: (input: T) => void | Promise<void>,
  close: () => void | Promise<void> = () => undefined,
): Fuzzer {
  const checkAny = async (input: unknown) => check(input as T);
  return {
    property: fc.asyncProperty(inputs, checkAny),
    check: checkAny,
    close: async () => close(),
  };
}

/** @throws Error with the message when `holds` is false. */
export function require(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message);
}

/**
 * Texts near good ones: some characters taken out of one of them, and tokens or noise put in.
 * @param tokens what the language is made of: words, signs, odd values.
 */
export function mutations(
  texts: readonly string[],
  tokens: readonly string[],
): fc.Arbitrary<string> {
  const inserted = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...tokens) },
    { weight: 2, arbitrary: fc.string({ maxLength: 8 }) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constantFrom('\u0000', '\uFEFF', '\u2028', '\r', '\t', '🜁', '') },
  );
  const edit = fc.record({ at: fc.nat(10_000), removed: fc.nat(12), inserted });
  return fc
    .tuple(fc.constantFrom(...texts), fc.array(edit, { maxLength: 5 }))
    .map(([text, edits]) =>
      edits.reduce((edited, { at, removed, inserted: put }) => {
        const from = at % (edited.length + 1);
        return edited.slice(0, from) + put + edited.slice(from + removed);
      }, text),
    );
}
