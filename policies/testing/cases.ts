// Runs a rule's cases: what it must let pass, and what it must name.
import type { PolicyResource, Rule } from '../rule';

/** What a rule must say of some resources. */
export interface RuleCases {
  /** Resources that keep the rule, by what is good about them. */
  readonly passes: Readonly<Record<string, readonly PolicyResource[]>>;
  /** Resources that break it and words of the message, by what is wrong with them. */
  readonly fails: Readonly<Record<string, readonly [readonly PolicyResource[], string]>>;
}

/** A resource for a case. */
export function resource(
  type: string,
  inputs: Record<string, unknown> = {},
  more: { name?: string; options?: PolicyResource['options'] } = {},
): PolicyResource {
  const name = more.name ?? 'gh-thing';
  return {
    urn: `urn:pulumi:test::gatehouse::${type}::${name}`,
    type,
    name,
    inputs,
    ...(more.options === undefined ? {} : { options: more.options }),
  };
}

/** Declares the tests of rules: each has at least one case of either kind. */
export function holdRules(
  rules: readonly Rule[],
  cases: Readonly<Record<string, RuleCases>>,
): void {
  it('has a passing and a failing case for each rule', () => {
    expect(Object.keys(cases).sort()).toEqual(rules.map((rule) => rule.name).sort());
    for (const { passes, fails } of Object.values(cases)) {
      expect(Object.keys(passes)).not.toHaveLength(0);
      expect(Object.keys(fails)).not.toHaveLength(0);
    }
  });

  for (const [name, { passes, fails }] of Object.entries(cases)) {
    const [rule] = rules.filter((each) => each.name === name) as [Rule];
    describe(name, () => {
      it.each(Object.entries(passes))('passes %s', (_what, resources) => {
        expect(rule.check(resources)).toEqual([]);
      });
      it.each(Object.entries(fails))('names %s', (_what, [resources, words]) => {
        const violations = rule.check(resources);
        expect(violations.map(({ message }) => message).join('\n')).toContain(words);
        const urns = resources.map(({ urn }) => urn);
        for (const { urn } of violations) expect(urns).toContain(urn);
      });
    });
  }
}
