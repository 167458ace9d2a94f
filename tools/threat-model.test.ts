// Holds docs/threat-model.md to what it names: every rule, alarm, right, control and test exists.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runbookPage } from '../dashboards/runbook-page';
import { RULES } from '../policies/rules';
import { PER_USER_SENTENCES } from './iam/per-user-roles';
import { ROLE_SENTENCES } from './iam/roles';

const ROOT = join(__dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const DOCUMENT = read('docs/threat-model.md');

const STRIDE = ['Spoofing', 'Tampering', 'Repudiation', 'Disclosure', 'Denial', 'Elevation'];

interface Row {
  readonly boundary: string;
  readonly stride: string;
  readonly threat: string;
  readonly heldBy: readonly string[];
}

const ROWS: readonly Row[] = DOCUMENT.split(/^## /m)
  .slice(1)
  .flatMap((section) => {
    const boundary = section.slice(0, section.indexOf('\n'));
    return [...section.matchAll(/^\| (\w+) +\| (.+?) +\| (.+?) +\|$/gm)]
      .filter(([, stride]) => stride !== 'STRIDE')
      .map(([, stride = '', threat = '', cell = '']) => ({
        boundary,
        stride,
        threat,
        heldBy: [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
      }));
  });

const CONTROLS = read('docs/security-controls.md');
const ALARMS = runbookPage();

/** Whether what a name stands for is there. */
function exists(name: string): boolean {
  const [path = '', sentence] = name.split(' › ');
  if (sentence !== undefined) return existsSync(join(ROOT, path)) && hasTest(path, sentence);
  const kind = name.slice(0, name.indexOf(' '));
  const what = name.slice(kind.length + 1);
  switch (kind) {
    case 'rule':
      return RULES.some((rule) => rule.name === what);
    case 'alarm':
      return ALARMS.includes(`### ${what}\n`);
    case 'right':
      return [...ROLE_SENTENCES, ...PER_USER_SENTENCES].some(
        ({ role, can, what: does }) => what === `${role} ${can ? 'can' : "can't"} ${does}`,
      );
    case 'control':
      return CONTROLS.includes(`| ${what} `);
    default:
      return false;
  }
}

/** The sentence as the argument of `it`, `it.each(…)` or the table of one. */
function hasTest(path: string, sentence: string): boolean {
  const text = read(path);
  return ["'", '"'].some((quote) => text.includes(`${quote}${sentence}${quote},`));
}

describe('docs/threat-model.md', () => {
  it('has every letter of STRIDE at every boundary', () => {
    const boundaries = [...new Set(ROWS.map(({ boundary }) => boundary))];
    expect(boundaries).toHaveLength(10);
    for (const boundary of boundaries) {
      const letters = ROWS.filter((row) => row.boundary === boundary).map(({ stride }) => stride);
      expect([boundary, [...new Set(letters)]]).toEqual([boundary, STRIDE]);
    }
  });

  it.each(ROWS.map((row) => [row.boundary, row.threat, row.heldBy] as const))(
    '%s: "%s" is held by what exists',
    (_boundary, _threat, heldBy) => {
      expect(heldBy.length).toBeGreaterThan(0);
      expect(heldBy.filter((name) => !exists(name))).toEqual([]);
    },
  );

  it.each(['rule no-such', 'alarm no-such', 'right gh-task-role can read a ciphertext', 'nobody'])(
    'would notice that there is no %s',
    (name) => {
      expect(exists(name)).toBe(false);
      expect(exists(`tools/threat-model.test.ts › ${name} at all`)).toBe(false);
    },
  );
});
