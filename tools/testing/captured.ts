// Runs a command within the test's process, and keeps what it prints.

/** What a command printed, and its exit code. */
export interface Captured {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** @param main The command: takes the arguments, resolves to its exit code. */
export async function captured(
  main: (argv: string[]) => Promise<number>,
  argv: string[],
): Promise<Captured> {
  const texts = { out: '', err: '' };
  const write = (key: keyof typeof texts) => (chunk: string | Uint8Array) => {
    texts[key] += String(chunk);
    return true;
  };
  const spies = [
    jest.spyOn(process.stdout, 'write').mockImplementation(write('out')),
    jest.spyOn(process.stderr, 'write').mockImplementation(write('err')),
  ];
  try {
    return { code: await main(argv), ...texts };
  } finally {
    spies.forEach((spy) => spy.mockRestore());
  }
}
