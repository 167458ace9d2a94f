// Local KMS: the JSON protocol's calls that Gatehouse needs, with real AES-256-GCM behind them.
import { randomBytes, randomUUID } from 'node:crypto';
import { keyIdOf, open, seal } from './ciphertext';
import type { Context, KeyMaterial } from './ciphertext';
import { AwsFault } from './faults';

type Input = Record<string, unknown>;

/** One customer-managed key. */
export interface LocalKey extends KeyMaterial {
  readonly arn: string;
  readonly created: number;
  readonly tags: Map<string, string>;
  state: 'Enabled' | 'Disabled' | 'PendingDeletion';
  deletionDate?: number;
  description: string;
  /** Policy that it was made with, as text; nothing here evaluates it. */
  policy?: string;
}

const REGION = 'us-east-1';
const ACCOUNT = '123456789012';
/** Largest plaintext of Encrypt with a symmetric key (API reference, Encrypt). */
const ENCRYPT_LIMIT_BYTES = 4096;
const SECONDS_A_DAY = 86_400;

/** Keys live in memory: what was encrypted can be read only while this object lives. */
export class LocalKms {
  private readonly keys = new Map<string, LocalKey>();

  /**
   * Makes a key, with a given ARN where a recorded resource names one.
   * @returns its ARN.
   */
  createKey(
    options: {
      arn?: string;
      description?: string;
      tags?: Record<string, string>;
      policy?: string;
    } = {},
  ) {
    const keyId = options.arn?.split('/').at(-1) ?? randomUUID();
    const arn = options.arn ?? `arn:aws:kms:${REGION}:${ACCOUNT}:key/${keyId}`;
    this.keys.set(keyId, {
      keyId,
      arn,
      created: Date.now() / 1000,
      material: randomBytes(32),
      tags: new Map(Object.entries(options.tags ?? {})),
      state: 'Enabled',
      description: options.description ?? '',
      ...(options.policy === undefined ? {} : { policy: options.policy }),
    });
    return arn;
  }

  /** Every key, oldest first: what a test or the console looks at. */
  list(): readonly LocalKey[] {
    return [...this.keys.values()];
  }

  /**
   * Runs one operation of the KMS API.
   * @throws AwsFault with the exception that AWS would answer.
   */
  call(operation: string, input: Input): Input {
    switch (operation) {
      case 'CreateKey':
        return this.create(input);
      case 'DescribeKey':
        return { KeyMetadata: metadata(this.key(input)) };
      case 'ListKeys':
        return {
          Keys: this.list().map((key) => ({ KeyId: key.keyId, KeyArn: key.arn })),
          Truncated: false,
        };
      case 'Encrypt':
        return this.encrypt(input);
      case 'Decrypt':
        return this.decrypt(input);
      case 'GenerateDataKey':
        return this.generateDataKey(input);
      case 'ScheduleKeyDeletion':
        return this.scheduleDeletion(input);
      case 'CancelKeyDeletion':
        return this.cancelDeletion(input);
      case 'ListResourceTags':
        return { Tags: tagList(this.key(input)), Truncated: false };
      case 'TagResource':
        for (const [name, value] of tagEntries(input)) this.key(input).tags.set(name, value);
        return {};
      default:
        throw new AwsFault('UnknownOperationException', `${operation} is not supported locally.`);
    }
  }

  private create(input: Input): Input {
    const arn = this.createKey({
      description: typeof input.Description === 'string' ? input.Description : '',
      tags: Object.fromEntries(tagEntries(input)),
      ...(typeof input.Policy === 'string' ? { policy: input.Policy } : {}),
    });
    return { KeyMetadata: metadata(this.key({ KeyId: arn })) };
  }

  private encrypt(input: Input): Input {
    const key = this.usableKey(input);
    const plaintext = blob(input, 'Plaintext');
    if (plaintext.length === 0 || plaintext.length > ENCRYPT_LIMIT_BYTES) {
      throw new AwsFault(
        'ValidationException',
        `Plaintext must have between 1 and ${ENCRYPT_LIMIT_BYTES} bytes and has ${plaintext.length}.`,
      );
    }
    return {
      CiphertextBlob: seal(key, plaintext, context(input)).toString('base64'),
      KeyId: key.arn,
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    };
  }

  private decrypt(input: Input): Input {
    const ciphertext = blob(input, 'CiphertextBlob');
    const keyId = keyIdOf(ciphertext);
    if (keyId === undefined || !this.keys.has(keyId)) {
      throw new AwsFault('InvalidCiphertextException', '');
    }
    if (input.KeyId !== undefined && this.key(input).keyId !== keyId) {
      throw new AwsFault(
        'IncorrectKeyException',
        'The key ID in the request does not identify a CMK that can perform this operation.',
      );
    }
    const key = this.usableKey({ KeyId: keyId });
    return {
      Plaintext: open(key, ciphertext, context(input)).toString('base64'),
      KeyId: key.arn,
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    };
  }

  private generateDataKey(input: Input): Input {
    const key = this.usableKey(input);
    const bytes = input.KeySpec === 'AES_128' ? 16 : Number(input.NumberOfBytes ?? 32);
    const plaintext = randomBytes(bytes);
    return {
      CiphertextBlob: seal(key, plaintext, context(input)).toString('base64'),
      Plaintext: plaintext.toString('base64'),
      KeyId: key.arn,
    };
  }

  private scheduleDeletion(input: Input): Input {
    const key = this.key(input);
    const days = Number(input.PendingWindowInDays ?? 30);
    if (!(days >= 7 && days <= 30)) {
      throw new AwsFault('ValidationException', 'PendingWindowInDays must be between 7 and 30.');
    }
    if (key.state === 'PendingDeletion') throw pendingDeletion(key);
    key.state = 'PendingDeletion';
    key.deletionDate = Date.now() / 1000 + days * SECONDS_A_DAY;
    return {
      KeyId: key.arn,
      DeletionDate: key.deletionDate,
      KeyState: key.state,
      PendingWindowInDays: days,
    };
  }

  private cancelDeletion(input: Input): Input {
    const key = this.key(input);
    key.state = 'Disabled';
    delete key.deletionDate;
    return { KeyId: key.arn };
  }

  private key(input: Input): LocalKey {
    const id = String(input.KeyId ?? '');
    const key = this.keys.get(id.split('/').at(-1) ?? '');
    if (key === undefined || (id.startsWith('arn:') && id !== key.arn)) {
      throw new AwsFault('NotFoundException', `Key '${id}' does not exist`);
    }
    return key;
  }

  private usableKey(input: Input): LocalKey {
    const key = this.key(input);
    if (key.state === 'PendingDeletion') throw pendingDeletion(key);
    if (key.state === 'Disabled')
      throw new AwsFault('DisabledException', `${key.arn} is disabled.`);
    return key;
  }
}

function context(input: Input): Context {
  return (input.EncryptionContext ?? {}) as Context;
}

function blob(input: Input, name: string): Buffer {
  const value = input[name];
  if (typeof value !== 'string') throw new AwsFault('ValidationException', `${name} is missing.`);
  return Buffer.from(value, 'base64');
}

function tagEntries(input: Input): [string, string][] {
  const tags = (input.Tags ?? []) as { TagKey: string; TagValue: string }[];
  return tags.map(({ TagKey, TagValue }) => [TagKey, TagValue]);
}

function tagList(key: LocalKey): { TagKey: string; TagValue: string }[] {
  return [...key.tags].map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
}

function metadata(key: LocalKey): Input {
  return {
    KeyId: key.keyId,
    Arn: key.arn,
    AWSAccountId: ACCOUNT,
    CreationDate: key.created,
    Description: key.description,
    Enabled: key.state === 'Enabled',
    KeyState: key.state,
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    KeyManager: 'CUSTOMER',
    Origin: 'AWS_KMS',
    ...(key.deletionDate === undefined ? {} : { DeletionDate: key.deletionDate }),
  };
}

function pendingDeletion(key: LocalKey): AwsFault {
  return new AwsFault('KMSInvalidStateException', `${key.arn} is pending deletion.`);
}
