// The SQL of the users' table.

export function insertUser(
  db: D1Database,
  user: { id: string; email: string; passwordHash: string; createdAt: number },
): D1PreparedStatement {
  return db
    .prepare('INSERT INTO users (id, email, password_hash, created_at) VALUES (?1, ?2, ?3, ?4)')
    .bind(user.id, user.email, user.passwordHash, user.createdAt);
}
