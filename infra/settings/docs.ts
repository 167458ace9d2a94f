// Writes the settings down where people and Pulumi read them: the table of docs/settings.md, Pulumi.yaml's schema.
import { stringify } from 'yaml';
import { SETTINGS } from './settings';
import type { Setting } from './kinds';

const ENTRIES = Object.entries<Setting<unknown>>(SETTINGS);

/** The table: one row a setting. */
export function settingsTable(): string {
  const rows = ENTRIES.map(([key, setting]) =>
    [
      `\`gatehouse:${key}\``,
      describe(setting),
      shownDefault(setting),
      setting.unit ?? '',
      setting.legal,
    ].map((cell) => cell.replaceAll('|', '\\|')),
  );
  return table([['setting', 'what it decides', 'default', 'unit', 'legal values'], ...rows]);
}

function describe({ description, permanent }: Setting<unknown>): string {
  return permanent === undefined
    ? description
    : `${description} **Can't be changed on a running stack**: ${permanent}.`;
}

/**
 * The `config` section of `Pulumi.yaml`. Every key has a default, since Pulumi takes one without
 * for required; an empty text means "not set". Mappings are left out: the schema has no type for them.
 */
export function settingsSchema(): string {
  const schema = Object.fromEntries(
    ENTRIES.filter(([, { type }]) => type !== 'object').map(([key, setting]) => [
      key,
      {
        type: setting.type,
        ...(setting.type === 'array' ? { items: { type: 'string' } } : {}),
        description: describe(setting).replaceAll(/[`*]/g, ''),
        // Numbers with a fraction are texts to Pulumi, which has no such type.
        default:
          setting.type === 'string'
            ? String((setting.fallback as string | undefined) ?? '')
            : setting.fallback,
      },
    ]),
  );
  return stringify({ config: schema }, { lineWidth: 100, singleQuote: true });
}

function shownDefault({ fallback, whenAbsent }: Setting<unknown>): string {
  if (whenAbsent !== undefined) return whenAbsent;
  if (fallback === undefined) return 'off';
  return Array.isArray(fallback) ? 'none' : `\`${String(fallback)}\``;
}

/** A Markdown table, padded as prettier pads it. */
function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}
