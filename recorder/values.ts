// Turns what the Pulumi runtime hands over (secrets, assets, archives) into plain JSON.
import * as pulumi from '@pulumi/pulumi';

/** Signature property and the secrets' value of it: `sdk/nodejs/runtime/rpc.ts` in pulumi/pulumi. */
const SIGNATURE = pulumi.runtime.specialSigKey;
const SECRET = pulumi.runtime.specialSecretSig;

/** Plain values and the top-level properties that are, or contain, secrets. */
export interface PlainValues {
  readonly value: Record<string, unknown>;
  readonly secrets: string[];
}

/** Unwraps secrets, assets and archives of a resource's properties. */
export async function plain(properties: Record<string, unknown>): Promise<PlainValues> {
  const value: Record<string, unknown> = {};
  const secrets: string[] = [];
  for (const [key, property] of Object.entries(properties)) {
    const seen = { secret: false };
    value[key] = await unwrap(property, seen);
    if (seen.secret) secrets.push(key);
  }
  return { value, secrets };
}

/** The value of an output once it is known. */
export function resolved<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply((value) => resolve(value));
  });
}

async function unwrap(value: unknown, seen: { secret: boolean }): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => unwrap(item, seen)));
  if (value === null || typeof value !== 'object') return value;
  if (pulumi.asset.Asset.isInstance(value) || pulumi.asset.Archive.isInstance(value)) {
    return plainAsset(value);
  }
  if (pulumi.Resource.isInstance(value)) return resolved((value as pulumi.Resource).urn);
  const record = value as Record<string, unknown>;
  if (record[SIGNATURE] === SECRET) {
    seen.secret = true;
    return unwrap(record.value, seen);
  }
  return mapValues(record, (item) => unwrap(item, seen));
}

type Later<T> = T | Promise<T> | undefined;

async function plainAsset(asset: object): Promise<unknown> {
  const { text, path, uri, assets } = asset as {
    text?: Later<string>;
    path?: Later<string>;
    uri?: Later<string>;
    assets?: Later<Record<string, object>>;
  };
  if (assets !== undefined) {
    return { assets: await mapValues(await assets, plainAsset) };
  }
  if (text !== undefined) return { text: await text };
  return path !== undefined ? { path: await path } : { uri: await uri };
}

async function mapValues<T>(
  record: Record<string, T>,
  convert: (item: T) => Promise<unknown>,
): Promise<Record<string, unknown>> {
  const entries = Object.entries(record).map(
    async ([key, item]) => [key, await convert(item)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}
