import fc from 'fast-check';
import CORPUS from './corpus.json';
import { fuzz } from './fuzz';
import { fuzzer, mutations, type Target } from './target';
import { TARGETS } from './targets';

/** A target that takes no number from the limit on. */
function planted(limit: number): Target & { closed: number } {
  const target = {
    name: 'planted',
    about: 'numbers',
    closed: 0,
    open: () =>
      Promise.resolve(
        fuzzer(
          fc.nat(10_000),
          (number) => {
            if (number >= limit) throw new Error(`${number} is too much`);
          },
          () => {
            target.closed += 1;
          },
        ),
      ),
  };
  return target;
}

describe('fuzz', () => {
  it('finds what does not hold, shrinks it, and makes it again by its seed', async () => {
    const target = planted(1000);
    const first = await fuzz([target], { seed: 7, milliseconds: 60_000, corpus: [] });
    expect(first.finding).toMatchObject({
      ...{ target: 'planted', input: 1000, message: '1000 is too much' },
    });
    const seed = first.finding?.seed ?? 0;
    const again = await fuzz([target], { seed, milliseconds: 0, corpus: [] });
    expect(again.finding).toEqual(first.finding);
    expect(target.closed).toBe(2);
  });

  it('checks what once failed before anything else', async () => {
    const corpus = [
      { target: 'other', input: 5000 },
      { target: 'planted', input: 4711 },
    ];
    const { finding, runs } = await fuzz([planted(4711)], { seed: 1, milliseconds: 0, corpus });
    expect(finding).toEqual({ target: 'planted', input: 4711, message: '4711 is too much' });
    expect(runs.size).toBe(0);
  });

  it('gives every target a turn, however little time there is', async () => {
    const seen: string[] = [];
    const { runs, finding } = await fuzz(
      [planted(20_000), { ...planted(20_000), name: 'second' }],
      {
        ...{ seed: 1, milliseconds: 0, corpus: [] },
        onProgress: (name) => seen.push(name),
      },
    );
    expect(finding).toBeUndefined();
    expect([...runs.values()].every((count) => count > 0)).toBe(true);
    expect(new Set(seen)).toEqual(new Set(['planted', 'second']));
  });
});

describe('mutations', () => {
  it('makes texts near good ones', () => {
    const made = fc.sample(mutations(['good text'], ['TOKEN']), { numRuns: 200, seed: 1 });
    expect(made).toContain('good text');
    expect(made.some((text) => text.includes('TOKEN'))).toBe(true);
  });
});

describe('corpus.json', () => {
  it('names targets that there are', () => {
    const names = TARGETS.map(({ name }) => name);
    for (const { target } of CORPUS) expect(names).toContain(target);
  });
});
