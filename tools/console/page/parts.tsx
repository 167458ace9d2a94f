// Small parts that several views share.
import type { ComponentChildren, ComponentProps } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Tile } from '../view';

/** A headed box. */
export function Card({
  title,
  note,
  children,
  class: kind = '',
}: {
  title: string;
  note?: ComponentChildren;
  children: ComponentChildren;
  class?: string;
}) {
  return (
    <section class={`card ${kind}`} aria-label={title}>
      <h2>
        {title} {note !== undefined && <small>{note}</small>}
      </h2>
      {children}
    </section>
  );
}

/** A line without axes; what it shows is said beside it. */
export function Sparkline({
  values: given,
  target,
}: {
  values: readonly (number | null)[];
  target?: number | undefined;
}) {
  const values = given.slice(
    Math.max(
      0,
      given.findIndex((value) => value !== null),
    ),
  );
  const present = values.filter((value) => value !== null);
  if (present.length < 2) return null;
  const top = Math.max(...present, target ?? 0) * 1.1 || 1;
  const bottom = Math.min(...present, 0);
  const y = (value: number) => (23 - ((value - bottom) / (top - bottom)) * 22).toFixed(1);
  let path = '';
  values.forEach((value, index) => {
    if (value === null) return;
    const joined = index > 0 && values[index - 1] !== null;
    path += `${joined ? 'L' : 'M'}${((index / (values.length - 1)) * 100).toFixed(1)} ${y(value)}`;
  });
  return (
    <svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
      {target !== undefined && <line x1="0" x2="100" y1={y(target)} y2={y(target)} />}
      <path d={path} />
    </svg>
  );
}

export function TileCard({ tile }: { tile: Tile }) {
  return (
    <figure class="tile card">
      <figcaption>{tile.title}</figcaption>
      <b>{tile.value}</b>
      <small>{tile.note ?? ' '}</small>
      <Sparkline values={tile.values} target={tile.target} />
    </figure>
  );
}

/** A table whose columns are named; on a narrow screen each row is a card. */
export function Table({
  columns,
  rows,
  empty,
  label,
}: {
  label: string;
  columns: readonly string[];
  rows: readonly { key: string; cells: readonly ComponentChildren[] }[];
  empty: ComponentChildren;
}) {
  if (rows.length === 0) return <p class="empty">{empty}</p>;
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={label}>
      <table class="cards">
        <thead>
          <tr>
            {columns.map((column, index) => (
              <th scope="col" key={column} class={kindOf(rows[0]?.cells[index])}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells }) => (
            <tr key={key}>
              {cells.map((cell, index) => (
                <td key={columns[index]} data-column={columns[index]} class={kindOf(cell)}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A number with or without its unit stands at the right, under those above it. */
function kindOf(cell: ComponentChildren): string {
  return typeof cell === 'string' && /^(< )?([\d.]+( ?(%|ms|s|k|M))*|–)$/.test(cell)
    ? 'number'
    : '';
}

/** Copies a text, and says so. */
export function Copy({ text, children }: { text: string; children: ComponentChildren }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return undefined;
    const timer = setTimeout(() => setDone(false), 1500);
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <button
      type="button"
      class="small"
      onClick={() => void navigator.clipboard.writeText(text).then(() => setDone(true))}
    >
      {done ? 'Copied' : children}
    </button>
  );
}

/** A filter that `/` goes to. */
export function Filter({
  value,
  onChange,
  hint,
}: {
  value: string;
  onChange: (value: string) => void;
  hint: string;
}) {
  const field = useRef<HTMLInputElement>(null);
  useKeys((event) => {
    if (event.key !== '/' || isTyping(event)) return;
    event.preventDefault();
    field.current?.focus();
  });
  return (
    <label class="filter">
      <span>Filter</span>
      <input
        ref={field}
        type="search"
        value={value}
        placeholder={hint}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <kbd aria-hidden="true">/</kbd>
    </label>
  );
}

function isTyping({ target }: Event): boolean {
  return target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** `j` and `k` move through rows, Enter opens the one that is marked. */
export function useRows(count: number, open: (index: number) => void): number {
  const [marked, setMarked] = useState(-1);
  useKeys((event) => {
    if (isTyping(event) || event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.key === 'j') setMarked((before) => Math.min(count - 1, before + 1));
    else if (event.key === 'k') setMarked((before) => Math.max(0, before - 1));
    else if (event.key === 'Enter' && marked >= 0 && !isControl(event)) open(marked);
  });
  return marked;
}

/**
 * Hears keys for what is on the screen. An effect that runs after the paint would hear the next key for
 * what was there before: Enter right after `j` opened nothing.
 */
export function useKeys(pressed: (event: KeyboardEvent) => void): void {
  useLayoutEffect(() => {
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  });
}

function isControl({ target }: Event): boolean {
  return target instanceof HTMLElement && /^(A|BUTTON|SUMMARY)$/.test(target.tagName);
}

/** A button that does something once, and says what went wrong. */
export function Action({
  run,
  children,
  ...rest
}: {
  run: () => Promise<unknown>;
  children: ComponentChildren;
} & Omit<ComponentProps<'button'>, 'onClick' | 'children'>) {
  const [state, setState] = useState<{ busy: boolean; error?: string }>({ busy: false });
  const click = () => {
    setState({ busy: true });
    run().then(
      () => setState({ busy: false }),
      (error: Error) => setState({ busy: false, error: error.message }),
    );
  };
  return (
    <>
      <button type="button" class="small" {...rest} disabled={state.busy} onClick={click}>
        {children}
      </button>
      {state.error !== undefined && (
        <span role="alert" class="wrong">
          {state.error}
        </span>
      )}
    </>
  );
}
