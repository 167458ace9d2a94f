// What a recording holds: every resource that a program declares, as plain values.

/** One resource as the program registered it. All values are plain JSON. */
export interface RecordedResource {
  /** Pulumi's URN, built by the engine's own rule. */
  readonly urn: string;
  /** Type token, for example `aws:dynamodb/table:Table`. */
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  /** URN of the parent; the stack itself has none. */
  readonly parent?: string;
  /**
   * Input properties. An archive is `{ "assets": { "index.js": { "text": "…" } } }`, an asset
   * `{ "text": "…" }` or `{ "path": "…" }`. Secrets are here in clear: see {@link secretInputs}.
   */
  readonly inputs: Record<string, unknown>;
  /** State after creation: inputs plus what AWS would fill in (`id`, `arn`, physical `name`, …). */
  readonly outputs: Record<string, unknown>;
  /** Names of the input properties that are, or contain, a secret; never print those. */
  readonly secretInputs: readonly string[];
  readonly options: RecordedOptions;
}

/** Resource options that decide how a resource lives and dies. */
export interface RecordedOptions {
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly deleteBeforeReplace: boolean;
  /** Durations as Pulumi writes them (`45m0s`). */
  readonly customTimeouts: { create?: string; update?: string; delete?: string };
  /** URNs of the resources that must exist before. */
  readonly dependencies: readonly string[];
  /** Earlier names of the resource, by which its state is found. */
  readonly aliases: readonly string[];
  /** Id of what exists and is taken over, `@region` behind it where that is not the provider's. */
  readonly import?: string;
  /** `urn::id` of an explicit provider, when there is one. */
  readonly provider?: string;
}

/** A question that the program asked of a provider (`aws.ec2.getSecurityGroup` and the like). */
export interface RecordedInvoke {
  /** Function token, for example `aws:ec2/getSecurityGroup:getSecurityGroup`. */
  readonly token: string;
  /** Arguments as plain JSON, secrets in clear. */
  readonly args: Record<string, unknown>;
}

/** Everything that one stack declares. */
export interface Recording {
  readonly project: string;
  readonly stack: string;
  /** In the order of registration; the stack's own root resource comes first. */
  readonly resources: readonly RecordedResource[];
  /** In the order of the calls. */
  readonly invokes: readonly RecordedInvoke[];
  /** Stack outputs; secrets in clear, named in {@link secretOutputs}. */
  readonly outputs: Record<string, unknown>;
  readonly secretOutputs: readonly string[];
}
