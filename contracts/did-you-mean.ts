// The nearest of the words that were possible, for messages about one that is not among them.

/**
 * The known word that a person most probably meant: at most a third of its letters differ, case
 * aside; undefined when none is near.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const given = word.slice(0, 100).toLowerCase();
  const [best] = known
    .map((each) => ({ each, distance: editDistance(given, each.toLowerCase()) }))
    .sort((one, other) => one.distance - other.distance);
  return best !== undefined && best.distance <= best.each.length / 3 ? best.each : undefined;
}

/** What to try instead of a word: the nearest one, or all when none is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? `Possible: ${known.join(', ')}.` : `Did you mean ${near}?`;
}

/**
 * Letters to add, drop, replace or swap to make one word of the other (optimal string alignment).
 */
function editDistance(one: string, other: string): number {
  const first = Array.from({ length: other.length + 1 }, (_, index) => index);
  const rows = [first];
  for (let y = 1; y <= one.length; y += 1) {
    const [above = first, before = first] = [rows[y - 1], rows[y - 2]];
    const row = [y];
    for (let x = 1; x <= other.length; x += 1) {
      const isSame = one[y - 1] === other[x - 1];
      const isSwapped = one[y - 1] === other[x - 2] && one[y - 2] === other[x - 1];
      row.push(
        Math.min(
          (above[x - 1] as number) + (isSame ? 0 : 1),
          (above[x] as number) + 1,
          (row[x - 1] as number) + 1,
          isSwapped ? (before[x - 2] as number) + 1 : Infinity,
        ),
      );
    }
    rows.push(row);
  }
  return rows.at(-1)?.at(-1) as number;
}
