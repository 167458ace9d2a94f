// The variables in which a process finds the secrets that CloudFront may send.
import { SERVICE_ENV } from '../../contracts/env';

/** @param references Newest first, two at most. */
export function originSecretVariables<T>(references: readonly T[]): Record<string, T> {
  const names = [SERVICE_ENV.originSecret, SERVICE_ENV.previousOriginSecret];
  return Object.fromEntries(
    references.slice(0, names.length).map((reference, index) => [String(names[index]), reference]),
  );
}
