// What can't be done with a key, in words for the person who asked for it.

/** The caller asked for what can't be done; the message says why and what to do. */
export class KeyError extends Error {
  override readonly name: string = 'KeyError';
}

/** AWS did not say whether it did what it was asked for. */
export class UncertainError extends KeyError {
  override readonly name = 'UncertainError';
}
