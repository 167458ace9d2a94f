// Packs one file as Lambda takes it: a ZIP archive without compression.
import { crc32 } from 'node:zlib';

/** Signatures and sizes: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20;
/** Made on Unix, a plain file that everybody may read: Lambda runs as nobody in particular. */
const MADE_BY = (3 << 8) | VERSION;
const MODE = (0o100644 << 16) >>> 0;
/** 1 January 1980: the same file makes the same archive. */
const DATE = 0x21;

/** @param name Without folders. */
export function zipOf(name: string, text: string): Buffer {
  const file = Buffer.from(text);
  const fileName = Buffer.from(name);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(VERSION, 0);
  common.writeUInt16LE(DATE, 8);
  common.writeUInt32LE(crc32(file), 10);
  common.writeUInt32LE(file.length, 14);
  common.writeUInt32LE(file.length, 18);
  common.writeUInt16LE(fileName.length, 22);
  const local = Buffer.concat([word(LOCAL), common, fileName, file]);
  const attributes = Buffer.alloc(14);
  attributes.writeUInt32LE(MODE, 6);
  const central = Buffer.concat([word(CENTRAL), half(MADE_BY), common, attributes, fileName]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, word(END), end]);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function half(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}
