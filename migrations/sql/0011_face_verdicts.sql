-- What people said of faces. Every decision obeys it, so a face keeps it for as long as it has a row.
CREATE TABLE IF NOT EXISTS face_verdicts (
    face_id    BIGINT UNSIGNED NOT NULL,
    person_id  BIGINT UNSIGNED NOT NULL,
    verdict    VARCHAR(8)      NOT NULL COMMENT 'is, is_not; one "is" a face at most',
    created_at DATETIME(6)     NOT NULL,
    PRIMARY KEY (face_id, person_id),
    KEY face_verdicts_person (person_id),
    CONSTRAINT face_verdicts_face_exists FOREIGN KEY (face_id) REFERENCES faces (id) ON DELETE CASCADE,
    CONSTRAINT face_verdicts_person_exists FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
