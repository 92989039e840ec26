-- Merges of people, each as somebody asked for it. person.merged_into follows from those that are not undone.
CREATE TABLE IF NOT EXISTS person_merges (
    id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    from_person BIGINT UNSIGNED NOT NULL COMMENT 'who is no person of their own any more',
    into_person BIGINT UNSIGNED NOT NULL COMMENT 'who that is',
    created_at  DATETIME(6)     NOT NULL,
    undone_at   DATETIME(6)     NULL,
    PRIMARY KEY (id),
    KEY person_merges_from (from_person, undone_at),
    KEY person_merges_into (into_person, undone_at),
    CONSTRAINT person_merges_from_exists FOREIGN KEY (from_person) REFERENCES person (id) ON DELETE CASCADE,
    CONSTRAINT person_merges_into_exists FOREIGN KEY (into_person) REFERENCES person (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
