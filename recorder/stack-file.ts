// Reads Pulumi.yaml and Pulumi.<stack>.yaml as the Pulumi CLI does: defaults, namespaces, secrets.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** Configuration of one stack, as the engine would hand it to the program. */
export interface StackConfig {
  /** Project name, from `Pulumi.yaml`. */
  readonly project: string;
  /** Full keys (`gatehouse:compute`) to values; objects and lists are JSON text. */
  readonly values: Record<string, string>;
  /** Full keys whose values are secrets. */
  readonly secretKeys: string[];
}

/** A configuration value as YAML gives it, or as a caller overrides it. */
export type ConfigValue = string | number | boolean | null | ConfigValue[] | ConfigObject;
interface ConfigObject {
  [key: string]: ConfigValue;
}

interface ProjectFile {
  name?: string;
  config?: Record<string, ConfigValue>;
}

const STACK_NAME = /^[A-Za-z0-9_.-]{1,100}$/;

/** The project's directory: where `Pulumi.yaml` is. */
export const PROJECT_DIRECTORY = join(__dirname, '..');

/**
 * Reads the configuration of a stack from its file, offline.
 * @param stack Name of the stack, the `dev` of `Pulumi.dev.yaml`.
 * @param overrides Values that replace the file's; keys without a namespace get the project's.
 * @param directory Where `Pulumi.yaml` is.
 * @throws Error in plain words when a file is missing or is not YAML of the expected form.
 */
export function readStackConfig(
  stack: string,
  overrides: Record<string, ConfigValue | undefined> = {},
  directory: string = PROJECT_DIRECTORY,
): StackConfig {
  if (!STACK_NAME.test(stack)) {
    throw new Error(
      `"${stack.slice(0, 40)}" is not a stack name: expected up to 100 letters, digits, "-", "_" or ".".`,
    );
  }
  const projectFile = readYaml<ProjectFile>(join(directory, 'Pulumi.yaml'));
  const project = projectFile.name ?? 'gatehouse';
  const stackPath = join(directory, `Pulumi.${stack}.yaml`);
  if (!existsSync(stackPath)) {
    throw new Error(
      `There is no stack "${stack}": Pulumi.${stack}.yaml is missing. ` +
        `Known stacks: ${knownStacks(directory).join(', ') || 'none'}. ` +
        `Pass one of them, or copy Pulumi.dev.yaml to Pulumi.${stack}.yaml.`,
    );
  }
  const stackFile = readYaml<{ config?: Record<string, ConfigValue> }>(stackPath);
  const fullKey = (key: string): string => (key.includes(':') ? key : `${project}:${key}`);
  const merged = new Map<string, ConfigValue>();
  for (const [key, declared] of Object.entries(projectFile.config ?? {})) {
    const initial = defaultOf(declared);
    if (initial !== undefined) merged.set(fullKey(key), initial);
  }
  for (const [key, value] of Object.entries(stackFile.config ?? {}))
    merged.set(fullKey(key), value);
  for (const [key, value] of Object.entries(overrides)) {
    if (value === undefined) merged.delete(fullKey(key));
    else merged.set(fullKey(key), value);
  }
  return { project, ...flatten(merged) };
}

/** Names of the stacks that have a file, sorted. */
export function knownStacks(directory: string = PROJECT_DIRECTORY): string[] {
  return readdirSync(directory)
    .map((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1])
    .filter((name): name is string => name !== undefined)
    .sort();
}

/** The value that `Pulumi.yaml` gives a key: a schema's `default` or `value`, or the value itself. */
function defaultOf(declared: ConfigValue): ConfigValue | undefined {
  if (declared === null || typeof declared !== 'object' || Array.isArray(declared)) return declared;
  return declared.value ?? declared.default;
}

function flatten(merged: Map<string, ConfigValue>): Pick<StackConfig, 'values' | 'secretKeys'> {
  const values: Record<string, string> = {};
  const secretKeys: string[] = [];
  for (const [key, value] of merged) {
    if (value === null) continue;
    const { clear, isSecret } = withoutCiphertext(value);
    values[key] = typeof clear === 'object' ? JSON.stringify(clear) : String(clear);
    if (isSecret) secretKeys.push(key);
  }
  return { values, secretKeys };
}

/** Only the Pulumi CLI can decrypt; a plan needs to know that a value is there, not what it is. */
function withoutCiphertext(value: ConfigValue): { clear: ConfigValue; isSecret: boolean } {
  if (typeof value !== 'object' || value === null) return { clear: value, isSecret: false };
  if (!Array.isArray(value) && typeof value.secure === 'string') {
    return { clear: 'encrypted-value', isSecret: true };
  }
  const parts = Object.entries(value).map(([key, part]) => [key, withoutCiphertext(part)] as const);
  const clear = parts.map(([key, part]) => [key, part.clear] as const);
  return {
    clear: Array.isArray(value) ? clear.map(([, part]) => part) : Object.fromEntries(clear),
    isSecret: parts.some(([, part]) => part.isSecret),
  };
}

function readYaml<T extends object>(path: string): T {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new Error(`${path} cannot be read: it must exist and be readable.`);
  }
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    throw new Error(`${path} is not valid YAML: ${(error as Error).message}`, { cause: error });
  }
  if (document === null || document === undefined) return {} as T;
  if (typeof document !== 'object' || Array.isArray(document)) {
    throw new Error(`${path} must be a YAML mapping at its top.`);
  }
  const config = (document as { config?: unknown }).config;
  if (
    config !== undefined &&
    config !== null &&
    (typeof config !== 'object' || Array.isArray(config))
  ) {
    throw new Error(`${path}: "config" must be a mapping of keys to values.`);
  }
  return document as T;
}
