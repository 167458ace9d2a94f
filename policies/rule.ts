// The shape of a rule: a pure check over plain resources, run alike by the policy pack and the offline plan.

/** One resource as the engine or the recorder knows it. */
export interface PolicyResource {
  /** Pulumi's unique name of the resource. */
  readonly urn: string;
  /** Type token, for example `aws:lb/loadBalancer:LoadBalancer`. */
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  /** Inputs as the program gave them. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Options that a rule may ask for. */
  readonly options?: { readonly protect?: boolean; readonly retainOnDelete?: boolean };
}

/** One broken rule: which resource, and what to do about it. */
export interface Violation {
  /** The resource at fault. */
  readonly urn: string;
  /** What is wrong, what was expected, what to do. */
  readonly message: string;
}

/** A rule of the pack. */
export interface Rule {
  /** Kebab-case, unique in the pack. */
  readonly name: string;
  /** One sentence: what holds when the rule is kept. */
  readonly description: string;
  /** `mandatory` fails the plan, `advisory` only speaks. */
  readonly level: 'mandatory' | 'advisory';
  /** Every violation among the resources of one stack; empty when the rule is kept. */
  check(resources: readonly PolicyResource[]): Violation[];
}
