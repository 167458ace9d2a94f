// Tags by which one part of the platform knows what another has made.

/** On a KMS key that no role of the stack may decrypt under; the policy pack asks for the denial. */
export const SEALED_TAG = 'gatehouse:sealed';
