-- Which known photo shows whom. A photo is a file of the folder KNOWN_PEOPLE, named without the folder.
CREATE TABLE IF NOT EXISTS person_images (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    image_name VARCHAR(255)    NOT NULL,
    person_id  BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY person_images_image_name (image_name),
    KEY person_images_person (person_id),
    CONSTRAINT person_images_person_exists FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
