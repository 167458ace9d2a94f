// The workload: all that the platform must know of the API behind it, in one declaration.
import type { AccessRule } from './access';
import type { ErrorFormat } from './errors';

export type { ErrorFormat } from './errors';

/** Attribute of a key by name: `{ id: 'S' }`; exactly one. `S` text, `N` number, `B` bytes. */
export type KeyAttribute = Readonly<Record<string, 'S' | 'N' | 'B'>>;

/** A secondary index of a table. */
export interface IndexSpec {
  readonly partitionKey: KeyAttribute;
  readonly sortKey?: KeyAttribute;
  /** Attributes that it holds besides the keys. @default all of them */
  readonly attributes?: readonly string[];
}

/** A DynamoDB table: on demand, encrypted, with point-in-time recovery, whatever the workload. */
export interface TableSpec {
  readonly partitionKey: KeyAttribute;
  readonly sortKey?: KeyAttribute;
  /** Global secondary indexes by name. @default none */
  readonly indexes?: Readonly<Record<string, IndexSpec>>;
  /** Attribute with the epoch second from which on DynamoDB may remove an item. @default none */
  readonly ttl?: string;
  /**
   * Attributes that the local console may show; the rest is masked there. What a role may read is
   * said by the statements. @default all of them
   */
  readonly readable?: readonly string[];
  /**
   * What is written into it no role of the stack may read: the process gets an explicit denial of
   * each read, and the policy pack lets no other role. @default false
   */
  readonly writeOnly?: boolean;
}

/** A KMS key of the workload's own, with rotation. */
export interface KeySpec {
  /** What it encrypts, in a few words. */
  readonly purpose: string;
  /**
   * What is encrypted under it no role of the stack may decrypt, whatever the role's own policy says:
   * the key's policy denies it. @default false
   */
  readonly sealed?: boolean;
}

/**
 * A function on Lambda with a role of its own: for what the process itself must not be able to do. The
 * process may call it and has none of its rights.
 */
export interface FunctionSpec {
  /** What it does, in a few words. */
  readonly purpose: string;
  /** Module that exports `handler`, from the folder of the declaration: `src/key-keeper.ts`. */
  readonly entry: string;
  /** It is made where the environment has these values, and nowhere else. @default everywhere */
  readonly when?: Readonly<Record<string, string>>;
  /** Statements of its role. */
  readonly rights: (resources: WorkloadResources) => readonly Statement[];
}

/** A statement of an IAM policy document. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | readonly string[]>>>
  >;
}

/** What a workload's statements are made of. */
export interface WorkloadResources {
  readonly stack: string;
  readonly region: string;
  readonly accountId: string;
  /** ARNs of the workload's tables, by their names in the declaration. */
  readonly tables: Readonly<Record<string, string>>;
  /** ARNs of the workload's KMS keys, by their names in the declaration. */
  readonly keys: Readonly<Record<string, string>>;
  /** The workload's environment as the stack sets it. */
  readonly environment: Readonly<Record<string, string>>;
}

/** An API as the platform knows it. */
export interface Workload {
  /** What it is called in traces, dashboards and messages: lower case, digits and dashes. */
  readonly name: string;
  /** TCP port that it listens on, told by `PORT`. */
  readonly port: number;
  /** Path that answers 200 while the process lives; the load balancer asks it. */
  readonly health: string;
  /** The form of the errors that the edge answers with. */
  readonly errors: ErrorFormat;
  /** What each scope allows, in one sentence, by scope. */
  readonly scopes: Readonly<Record<string, string>>;
  /** In order, the first that fits decides; what none fits is denied. */
  readonly rules: readonly AccessRule[];
  /** Tables by name; the process finds the name of `orders` in `ORDERS_TABLE`. */
  readonly tables: Readonly<Record<string, TableSpec>>;
  /** KMS keys by name; the process finds the ARN of `seals` in `SEALS_KEY_ARN`. */
  readonly keys: Readonly<Record<string, KeySpec>>;
  /**
   * Functions by name, of a declaration in TypeScript alone; the process finds the name of `key-keeper`
   * in `KEY_KEEPER_FUNCTION`. @default none
   */
  readonly functions?: Readonly<Record<string, FunctionSpec>>;
  /** Variables of the process; a stack's `gatehouse:environment` adds to them and goes before. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Variables that are read from Secrets Manager or SSM when the process starts: ARNs by name. A
   * stack's `gatehouse:secrets` adds to them and goes before.
   */
  readonly secrets: Readonly<Record<string, string>>;
  /**
   * Statements of the role that the process runs under. The platform adds what every workload needs:
   * decryption of its tables at rest, traces and metrics.
   */
  readonly rights: (resources: WorkloadResources) => readonly Statement[];
  /** How it runs on a laptop. @default the built entry of its folder, by Node.js */
  readonly local?: {
    /** Program and arguments, started in the declaration's folder. */
    readonly command: readonly string[];
  };
}

/** What a stack adds to a workload: variables, and ARNs of secrets by variable. */
export type WorkloadExtension = Pick<Workload, 'environment' | 'secrets'>;

/** The workload with a stack's additions, which go before what it declares itself. */
export function extendWorkload(
  workload: Workload,
  { environment, secrets }: WorkloadExtension,
): Workload {
  return {
    ...workload,
    environment: { ...without(workload.environment, secrets), ...environment },
    secrets: { ...without(workload.secrets, environment), ...secrets },
  };
}

function without(
  values: Readonly<Record<string, string>>,
  names: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !Object.hasOwn(names, name)));
}

/** The functions that are made for the environment as it is. */
export function functionsOf({
  functions = {},
  environment,
}: Pick<Workload, 'functions' | 'environment'>): Record<string, FunctionSpec> {
  return Object.fromEntries(
    Object.entries(functions).filter(([, { when = {} }]) =>
      Object.entries(when).every(([name, value]) => environment[name] === value),
    ),
  );
}

/** Variable that holds the physical name of a table: `ORDERS_TABLE` for `orders`. */
export function tableVariable(table: string): string {
  return `${variable(table)}_TABLE`;
}

/** Variable that holds the ARN of a KMS key: `SEALS_KEY_ARN` for `seals`. */
export function keyVariable(key: string): string {
  return `${variable(key)}_KEY_ARN`;
}

/** Variable that holds the physical name of a function: `KEY_KEEPER_FUNCTION` for `key-keeper`. */
export function functionVariable(name: string): string {
  return `${variable(name)}_FUNCTION`;
}

function variable(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
