// The SQL of the table `users`.

/** Prepares the row of a user. `createdAt`: epoch milliseconds. Running it violates `users.email` when the address is taken. */
export function insertUser(
  db: D1Database,
  user: { id: string; email: string; passwordHash: string; createdAt: number },
): D1PreparedStatement {
  return db
    .prepare('INSERT INTO users (id, email, password_hash, created_at) VALUES (?1, ?2, ?3, ?4)')
    .bind(user.id, user.email, user.passwordHash, user.createdAt);
}

/** Users in the order of registration, after the id `after` ('' for the first page). */
export async function listUsers(
  db: D1Database,
  after: string,
  limit: number,
): Promise<{ id: string; email: string }[]> {
  const query = db.prepare('SELECT id, email FROM users WHERE id > ?1 ORDER BY id LIMIT ?2').bind(after, limit);
  return (await query.all<{ id: string; email: string }>()).results;
}
