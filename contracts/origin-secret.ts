// The secrets by which the service knows CloudFront: numbered, so that one can take the place of the other.

/** Which secrets a stack knows, and which one CloudFront sends. */
export interface OriginSecrets {
  readonly accepted: readonly number[];
  readonly sent: number;
}

/** The numbers that the service takes: the newest and the one before. */
export function acceptedSecrets(newest: number): number[] {
  return newest === 1 ? [1] : [newest, newest - 1];
}

/** Of the settings `originSecret` and `originSecretSent`; 0 sends the newest. */
export function originSecretsOf(newest: number, sent: number): OriginSecrets {
  return { accepted: acceptedSecrets(newest), sent: sent === 0 ? newest : sent };
}

/**
 * Whether a stack can go from one to the other while it serves. Tasks and CloudFront change at different
 * times, so the old tasks must take what is sent afterwards, and the new tasks what is sent before.
 */
export function isSeamless(before: OriginSecrets, after: OriginSecrets): boolean {
  return before.accepted.includes(after.sent) && after.accepted.includes(before.sent);
}
