// Writes a word so that a POSIX shell takes it as it is: for command lines that people paste.

/** The word, in quotes when a shell would read anything into it. */
export function shellQuoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
