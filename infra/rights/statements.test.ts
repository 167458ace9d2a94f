// Tests of the statements by which secrets are read.
import { readSecrets } from './statements';

const ORIGIN = {
  arns: ['arn:aws:secretsmanager:eu-central-1:123456789012:secret:gh-origin-1234567-abcdef'],
  keyArn: 'arn:aws:kms:eu-central-1:123456789012:key/tables',
};
const SECRET = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:payment-AbCdEf';
const ABROAD = 'arn:aws:secretsmanager:us-east-1:999999999999:secret:partner-AbCdEf';
const PARAMETER = 'arn:aws:ssm:eu-central-1:123456789012:parameter/orders/token';

const statements = (arns: string[]) =>
  Object.fromEntries(readSecrets(ORIGIN, arns).map(({ Sid, ...rest }) => [Sid, rest]));

describe('readSecrets', () => {
  it('reads the origin secret alone where the workload names none', () => {
    expect(statements([])).toEqual({
      ReadOriginSecret: {
        Effect: 'Allow',
        Action: 'secretsmanager:GetSecretValue',
        Resource: ORIGIN.arns,
      },
      DecryptOriginSecret: {
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: ORIGIN.keyArn,
        Condition: {
          StringEquals: { 'kms:ViaService': ['secretsmanager.eu-central-1.amazonaws.com'] },
        },
      },
    });
  });

  it('reads each secret that the workload names and no other, by the service that holds it', () => {
    const { ReadSecrets, ReadParameters } = statements([SECRET, ABROAD, PARAMETER]);
    expect([ReadSecrets, ReadParameters]).toEqual([
      { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: [SECRET, ABROAD] },
      { Effect: 'Allow', Action: 'ssm:GetParameters', Resource: [PARAMETER] },
    ]);
  });

  it('knows the secret by a reference to a part of it, once however many there are', () => {
    const { ReadSecrets } = statements([`${SECRET}:user::`, `${SECRET}:token:AWSCURRENT:`, SECRET]);
    expect(ReadSecrets?.Resource).toEqual([SECRET]);
  });

  it('decrypts through that service alone, and only what is bound to one of these secrets', () => {
    const { DecryptSecrets, DecryptParameters } = statements([SECRET, ABROAD, PARAMETER]);
    expect([DecryptSecrets, DecryptParameters]).toEqual([
      {
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: [
          'arn:aws:kms:eu-central-1:123456789012:key/*',
          'arn:aws:kms:us-east-1:999999999999:key/*',
        ],
        Condition: {
          StringEquals: {
            'kms:ViaService': [
              'secretsmanager.eu-central-1.amazonaws.com',
              'secretsmanager.us-east-1.amazonaws.com',
            ],
            'kms:EncryptionContext:SecretARN': [SECRET, ABROAD],
          },
        },
      },
      {
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: ['arn:aws:kms:eu-central-1:123456789012:key/*'],
        Condition: {
          StringEquals: {
            'kms:ViaService': ['ssm.eu-central-1.amazonaws.com'],
            'kms:EncryptionContext:PARAMETER_ARN': [PARAMETER],
          },
        },
      },
    ]);
  });
});
