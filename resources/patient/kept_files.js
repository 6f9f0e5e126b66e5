/**
 * Photos, spoken and filmed messages that the clinic does not have yet: kept sealed in this browser until it has them.
 *
 * The key never leaves the browser's own store and cannot be read out by any page, ours included (AES-GCM, not extractable).
 */

const DATABASE = "teleconsole";
const FILES = "kept";
const KEYS = "keys";
/** No visit keeps more than this. */
const MOST_FILES = 20;

/**
 * @typedef {object} Kept
 * @property {string} id
 * @property {string} visitId
 * @property {string} type
 * @property {Uint8Array<ArrayBuffer>} iv
 * @property {ArrayBuffer} sealed
 */

export class KeptFiles {
  /** @param {string} visitId */
  constructor(visitId) {
    this.visitId = visitId;
  }

  /**
   * Keeps a file; when the browser has no room or no store, it is kept in memory alone, by whoever asked.
   *
   * @param {string} id
   * @param {Blob} file
   * @returns {Promise<boolean>} whether it is kept over a reload
   */
  async keep(id, file) {
    try {
      const database = await opened();
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await this.#key(database), await file.arrayBuffer());
      if ((await this.#mine(database)).length >= MOST_FILES) return false;
      await done(database.transaction(FILES, "readwrite").objectStore(FILES).put({ id, visitId: this.visitId, type: file.type, iv, sealed }));
      return true;
    } catch {
      return false;
    }
  }

  /** @param {string} id @returns {Promise<Blob | null>} */
  async open(id) {
    try {
      const database = await opened();
      /** @type {Kept | undefined} */
      const kept = await done(database.transaction(FILES).objectStore(FILES).get(id));
      if (!kept || kept.visitId !== this.visitId) return null;
      const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: kept.iv }, await this.#key(database), kept.sealed);
      return new Blob([plain], { type: kept.type });
    } catch {
      return null;
    }
  }

  /** What is kept of this visit. @returns {Promise<{id: string, type: string}[]>} */
  async list() {
    try {
      return await this.#mine(await opened());
    } catch {
      return [];
    }
  }

  /** The clinic has it. @param {string} id */
  async remove(id) {
    await this.#quietly((database) => done(database.transaction(FILES, "readwrite").objectStore(FILES).delete(id)));
  }

  /** Forgets all of this visit, and its key. */
  async forget() {
    await this.#quietly(async (database) => {
      for (const { id } of await this.#mine(database)) await done(database.transaction(FILES, "readwrite").objectStore(FILES).delete(id));
      await done(database.transaction(KEYS, "readwrite").objectStore(KEYS).delete(this.visitId));
    });
  }

  /** @param {(database: IDBDatabase) => Promise<unknown>} work */
  async #quietly(work) {
    try {
      await work(await opened());
    } catch {
      // this browser keeps nothing, so there is nothing to remove
    }
  }

  /** @param {IDBDatabase} database @returns {Promise<Kept[]>} */
  async #mine(database) {
    const every = await done(database.transaction(FILES).objectStore(FILES).getAll());
    return every.filter((/** @type {Kept} */ { visitId }) => visitId === this.visitId);
  }

  /** @param {IDBDatabase} database @returns {Promise<CryptoKey>} */
  async #key(database) {
    const known = await done(database.transaction(KEYS).objectStore(KEYS).get(this.visitId));
    if (known) return known;
    const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    await done(database.transaction(KEYS, "readwrite").objectStore(KEYS).put(made, this.visitId));
    return made;
  }
}

/** @returns {Promise<IDBDatabase>} */
function opened() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(FILES, { keyPath: "id" });
    request.result.createObjectStore(KEYS);
  };
  return done(request);
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
