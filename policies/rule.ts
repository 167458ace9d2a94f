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
  /** What AWS fills in, where it is known. */
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** Options that a rule may ask for. */
  readonly options?: {
    readonly protect?: boolean;
    readonly retainOnDelete?: boolean;
    readonly ignoreChanges?: readonly string[];
  };
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
  /**
   * The types that the rule looks at one by one; a rule without types looks at the whole stack. The
   * pack uses it to speak as soon as a resource is planned.
   */
  readonly types?: readonly string[];
  /** Every violation among the resources; empty when the rule is kept. */
  readonly check: (resources: readonly PolicyResource[]) => Violation[];
}

/** What a rule about single resources is made of. */
export interface ResourceRule {
  readonly name: string;
  readonly description: string;
  /** @default mandatory */
  readonly level?: Rule['level'];
  readonly types: readonly string[];
  /** What is wrong with one resource of these types: a sentence for each fault. */
  readonly faults: (resource: PolicyResource) => string[];
}

/** Makes a rule of a check of single resources. */
export function resourceRule({ name, description, level, types, faults }: ResourceRule): Rule {
  return {
    name,
    description,
    level: level ?? 'mandatory',
    types,
    check: (resources) =>
      resources
        .filter((resource) => types.includes(resource.type))
        .flatMap((resource) =>
          faults(resource).map((message) => ({
            urn: resource.urn,
            message: `${resource.name}: ${message}`,
          })),
        ),
  };
}

/** `[message]` when a condition is broken, nothing when it holds. */
export function unless(holds: boolean, message: string): string[] {
  return holds ? [] : [message];
}
