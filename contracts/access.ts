// Who may do what: ordered rules over methods and paths; edge and service both decide by them.

/** Methods that a request may have; every other is refused at the edge. */
export const ALLOWED_METHODS = [
  'GET',
  'HEAD',
  'OPTIONS',
  'POST',
  'PATCH',
  'PUT',
  'DELETE',
] as const;

export type Method = (typeof ALLOWED_METHODS)[number];

/** One rule; the first that fits a request decides, and what none fits is denied. */
export type AccessRule = {
  /** Methods that it speaks of. */
  readonly methods: readonly Method[];
  /**
   * Path that it speaks of, matched on the path as the client sent it, never decoded: literal
   * segments, `*` for exactly one segment, `**` at the end for the rest, none included
   * (`/orders/**` fits `/orders`, `/orders/` and everything below).
   */
  readonly path: string;
} & (
  | {
      /** `public`: no key is asked for. `any-key`: every valid key will do. */
      readonly access: 'public' | 'any-key';
      readonly scope?: undefined;
    }
  | {
      /** Scope that the key must carry. */
      readonly scope: string;
      readonly access?: undefined;
    }
);

/** What a request needs: nothing, a valid key, a key with a scope; or nothing will do. */
export type Access =
  | { readonly kind: 'public' | 'any-key' | 'denied' }
  | { readonly kind: 'scope'; readonly scope: string };

const DENIED: Access = { kind: 'denied' };

/**
 * What a request needs by the first rule that fits it.
 * @param method HTTP method as sent.
 * @param path the path as sent, without query.
 */
export function accessTo(rules: readonly AccessRule[], method: string, path: string): Access {
  const rule = rules.find(
    ({ methods, path: pattern }) =>
      (methods as readonly string[]).includes(method) && fits(pattern, path),
  );
  if (rule === undefined) return DENIED;
  return rule.scope === undefined ? { kind: rule.access } : { kind: 'scope', scope: rule.scope };
}

/** Methods that some rule has for a path, in the order of {@link ALLOWED_METHODS}. */
export function methodsOf(rules: readonly AccessRule[], path: string): Method[] {
  return ALLOWED_METHODS.filter((method) => accessTo(rules, method, path).kind !== 'denied');
}

function fits(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  const isOpen = wanted.at(-1) === '**';
  const fixed = isOpen ? wanted.length - 1 : wanted.length;
  if (isOpen ? given.length < fixed : given.length !== fixed) return false;
  for (let index = 0; index < fixed; index += 1) {
    const segment = wanted[index];
    if (segment === '*' ? given[index] === '' : segment !== given[index]) return false;
  }
  return true;
}

/** A pattern in order: `/`, then literal segments or `*`, `**` only as the last. */
const PATTERN = /^\/$|^(\/([A-Za-z0-9._~!$&'()+,;=:@-]+|\*))*(\/\*\*)?$/;

/**
 * What is wrong with rules, in plain words: a pattern that can't be read, an unknown scope or
 * method, a rule that is never reached, two that overlap so that neither is the special case.
 * @param scopes Every scope that a key may carry.
 */
export function ruleProblems(rules: readonly AccessRule[], scopes: readonly string[]): string[] {
  const problems = rules.flatMap((rule, index) => [
    ...unreadable(rule, index),
    ...(rule.scope === undefined || scopes.includes(rule.scope)
      ? []
      : [`${shown(rule, index)} asks for the scope "${rule.scope}", which is not declared.`]),
  ]);
  return problems.length > 0 ? problems : overlaps(rules);
}

function unreadable(rule: AccessRule, index: number): string[] {
  const odd = rule.methods.filter((method) => !ALLOWED_METHODS.includes(method));
  return [
    ...(rule.path !== '' && PATTERN.test(rule.path)
      ? []
      : [
          `${shown(rule, index)} has no path that can be matched: expected "/" and literal segments, "*" for one, "**" at the end for the rest.`,
        ]),
    ...(odd.length === 0 && rule.methods.length > 0
      ? []
      : [
          `${shown(rule, index)} names ${odd.join(', ') || 'no method'}: expected some of ${ALLOWED_METHODS.join(', ')}.`,
        ]),
  ];
}

function overlaps(rules: readonly AccessRule[]): string[] {
  return rules.flatMap((rule, index) =>
    rules.slice(0, index).flatMap((earlier, before) => {
      const common = rule.methods.filter((method) => earlier.methods.includes(method));
      if (common.length === 0 || !meet(earlier.path, rule.path)) return [];
      const [one, other] = [shown(earlier, before), shown(rule, index)];
      if (covers(earlier.path, rule.path)) {
        return common.length === rule.methods.length
          ? [`${other} is never reached: ${one} fits everything that it fits. Put it first.`]
          : [];
      }
      if (covers(rule.path, earlier.path) || sameAccess(rule, earlier)) return [];
      return [
        `${one} and ${other} both fit some paths, and neither is the special case: make them say the same, or one narrower.`,
      ];
    }),
  );
}

function shown({ methods, path }: AccessRule, index: number): string {
  return `rule ${index + 1} (${methods.join(', ')} ${path})`;
}

function sameAccess(one: AccessRule, other: AccessRule): boolean {
  return one.access === other.access && one.scope === other.scope;
}

/** Whether some path fits both patterns. */
function meet(one: string, other: string): boolean {
  return compare(one, other, (a, b) => a === '*' || b === '*' || a === b) !== 'apart';
}

/** Whether every path that fits `narrow` fits `wide`. */
function covers(wide: string, narrow: string): boolean {
  const wideRest = wide.endsWith('/**');
  if (narrow.endsWith('/**') && !wideRest) return false;
  return (
    compare(wide, narrow, (a, b) => a === b || (a === '*' && b !== '')) === 'fits' &&
    (!wideRest || fixedLength(wide) <= fixedLength(narrow))
  );
}

function compare(
  one: string,
  other: string,
  agree: (a: string, b: string) => boolean,
): 'fits' | 'apart' {
  const [a, b] = [one.split('/'), other.split('/')];
  const [lengthA, lengthB] = [fixedLength(one), fixedLength(other)];
  if (!one.endsWith('/**') && lengthA < lengthB) return 'apart';
  if (!other.endsWith('/**') && lengthB < lengthA) return 'apart';
  for (let index = 0; index < Math.min(lengthA, lengthB); index += 1) {
    if (!agree(a[index] as string, b[index] as string)) return 'apart';
  }
  return 'fits';
}

function fixedLength(pattern: string): number {
  const { length } = pattern.split('/');
  return pattern.endsWith('/**') ? length - 1 : length;
}
