// Tables and keys that exist already and that a stack takes over: what they may be called, and how the engine is told.

/** Tables and KMS keys by the names that the workload, or the platform itself, has for them. */
export interface Adoption {
  /** Physical names of tables. */
  readonly tables: Readonly<Record<string, string>>;
  /** Ids of KMS keys. */
  readonly keys: Readonly<Record<string, string>>;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html */
export const TABLE_NAME = /^[A-Za-z0-9_.-]{3,255}$/;
/** A key's id, of one region or of several: https://docs.aws.amazon.com/kms/latest/developerguide/find-cmk-id-arn.html */
export const KEY_ID = /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/;

/**
 * The resource option that makes the engine import what exists, and then change it to what the
 * program says; it does nothing once that is in the state. It must stay: without the name the engine
 * would put a table of its own in its place.
 * @param id Physical id, or undefined for what the stack makes itself.
 * @param region Of the resource, when it is not the provider's:
 *   https://www.pulumi.com/registry/packages/aws/how-to-guides/aws-enhanced-region-support
 */
export function importOption(id: string | undefined, region?: string): { import?: string } {
  if (id === undefined) return {};
  return { import: region === undefined ? id : `${id}@${region}` };
}
